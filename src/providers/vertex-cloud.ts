import type { Cloud } from './authority.ts'
import { googleToken } from './google-token.ts'

/**
 * A project in Google's cloud, before the models of one publisher. Sources of the variables: the
 * Google Gen AI and Anthropic Vertex SDKs, 2026.
 */
export function vertexCloud(
  publisher: string,
  variables: { readonly project: readonly string[]; readonly location: readonly string[] },
): Cloud {
  return {
    fields: ['project', 'location', 'credentials'],
    fromEnvironment(environment) {
      const find = (names: readonly string[]) => names.find(name => environment[name]?.trim())
      const projectName = find(variables.project)
      const project = projectName && environment[projectName]?.trim()
      // A project alone stands in many a shell of Google's: it takes a word or a key to mean it.
      const isMeant =
        projectName === 'ANTHROPIC_VERTEX_PROJECT_ID' ||
        /^(1|true)$/i.test(environment['GOOGLE_GENAI_USE_VERTEXAI']?.trim() ?? '') ||
        environment['GOOGLE_APPLICATION_CREDENTIALS']?.trim()
      if (!project || !isMeant) return undefined
      const locationName = find(variables.location)
      const location = locationName && environment[locationName]?.trim()
      return { place: { project, ...(location ? { location } : {}) }, source: projectName }
    },
    address({ project = '', location = 'global', origin }) {
      if (!/^[a-z0-9][a-z0-9.:-]*$/.test(project)) throw new Error(`'${project}' is no project`)
      if (!/^[a-z0-9-]+$/.test(location)) throw new Error(`'${location}' is no location`)
      const host =
        location === 'global'
          ? 'aiplatform.googleapis.com'
          : `${location}-aiplatform.googleapis.com`
      return `${origin ?? `https://${host}`}/v1/projects/${project}/locations/${location}/publishers/${publisher}`
    },
    authority: ({ credentials }) => googleToken(credentials),
  }
}
