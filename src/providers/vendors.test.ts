import { describe, expect, it } from 'vitest'
import { EFFORTS } from '../core/request.ts'
import type { Quirks } from '../protocols/quirks.ts'
import { catalogOf } from './catalog.ts'
import { whyUnserved } from './endpoints.ts'
import type { Endpoint, Provider } from './provider.ts'
import { TOOL_CHOICE_FORMS } from './provider.ts'
import { findProvider, PROVIDERS } from './registry.ts'

function allQuirks(provider: Provider): readonly Quirks[] {
  const endpoints = provider.endpoints.map(({ quirks }) => quirks ?? {})
  return [...endpoints, ...(provider.models ?? []).map(({ quirks }) => quirks ?? {})]
}

describe('the registry', () => {
  it('gives every word for a vendor to one vendor only', () => {
    const words = PROVIDERS.flatMap(({ name, otherNames }) => [name, ...(otherNames ?? [])])
    expect(new Set(words).size).toBe(words.length)
  })

  it('finds vendors by any of their words, in any case', () => {
    expect(findProvider('OpenAI')?.name).toBe('openai')
    expect(findProvider('x-ai')?.name).toBe('xai')
    expect(findProvider('moonshotai')?.name).toBe('kimi')
    expect(findProvider('Gemini')?.name).toBe('google')
    expect(findProvider('cohere')).toBeUndefined()
  })

  it('gives no environment variable to two vendors', () => {
    const variables = PROVIDERS.flatMap(({ keyVariables, baseUrlVariables }) => [
      ...keyVariables,
      ...baseUrlVariables,
    ])
    expect(new Set(variables).size).toBe(variables.length)
  })
})

describe.each(PROVIDERS.map(provider => [provider.name, provider] as const))(
  '%s',
  (name, provider) => {
    it('has a name fit for `vendor/model`', () => {
      for (const word of [name, ...(provider.otherNames ?? [])])
        expect(word).toMatch(/^[a-z0-9-]+$/)
      expect(provider.title).not.toBe('')
    })

    it('has addresses that a path can be put behind', () => {
      const protocols = provider.endpoints.map(({ protocol }) => protocol)
      expect(new Set(protocols).size).toBe(protocols.length)
      for (const { baseUrl, paths } of provider.endpoints) {
        if (baseUrl !== '') expect(new URL(baseUrl).href.replace(/\/$/, '')).toBe(baseUrl)
        else if (!provider.cloud)
          expect(provider.kind === 'self-hosted' || provider.idsByUser).toBe(true)
        for (const path of Object.values(paths))
          expect(path.replace('{model}', 'm')).toMatch(/^\/[a-z0-9/_-]+(:[a-zA-Z]+)?(\?alt=sse)?$/)
      }
    })

    it('sends keys over the network encrypted only', () => {
      for (const { baseUrl } of provider.endpoints) {
        if (baseUrl !== '') expect(baseUrl).toMatch(/^(https:\/\/|http:\/\/localhost:)/)
      }
    })

    it('writes header names in lower case', () => {
      const headers = ({ auth, headers }: Endpoint) => [
        ...(auth === 'none' ? [] : [auth.header]),
        ...Object.keys(headers ?? {}),
      ]
      for (const header of provider.endpoints.flatMap(headers)) expect(header).toMatch(/^[a-z-]+$/)
    })

    it('says where its key comes from', () => {
      for (const variable of provider.keyVariables)
        expect(variable).toMatch(/^[A-Z0-9_]+_API_KEY$|^AWS_BEARER_TOKEN_/)
      for (const variable of provider.baseUrlVariables)
        expect(variable).toMatch(/^[A-Z0-9_]+_(BASE_URL|ENDPOINT)$|^AWS_ENDPOINT_URL_/)
      if (!provider.cloud) expect(provider.keyVariables).not.toHaveLength(0)
    })

    it('knows which ids are its own, or leaves that to the server', () => {
      const isOpen = provider.anyModel === true
      expect(isOpen).toBe(provider.kind !== 'maker')
      expect((provider.modelPatterns ?? []).length > 0).toBe(!isOpen)
    })

    it('has patterns that mean the same each time they are asked', () => {
      const patterns = [
        ...(provider.modelPatterns ?? []),
        ...(provider.unserved ?? []).map(({ match }) => match),
        ...(provider.models ?? []).flatMap(({ match }) => (match instanceof RegExp ? [match] : [])),
      ]
      for (const pattern of patterns) {
        expect(pattern.flags).toBe('')
        // Ids are put into lower case before they are matched.
        expect(pattern.source.replaceAll(/\\[A-Z]/g, '')).not.toMatch(/[A-Z]/)
      }
    })

    it('has rules that each say something', () => {
      for (const { quirks, capabilities } of provider.models ?? []) {
        expect(Object.keys({ ...quirks, ...capabilities })).not.toHaveLength(0)
      }
    })

    it('names efforts and tool choices in their order and once', () => {
      for (const { efforts, outputEfforts, toolChoices } of allQuirks(provider)) {
        for (const list of [efforts, outputEfforts]) {
          if (list) expect(EFFORTS.filter(effort => list.includes(effort))).toEqual(list)
        }
        if (toolChoices) {
          expect(TOOL_CHOICE_FORMS.filter(form => toolChoices.includes(form))).toEqual(toolChoices)
        }
      }
    })

    it('has rules for ids and names that agree with their length', () => {
      for (const { callId, toolName } of allQuirks(provider)) {
        for (const rule of [callId, toolName]) {
          if (!rule) continue
          expect(rule.pattern.flags).toBe('')
          expect(rule.pattern.source).toMatch(/^\^.*\$$/)
          expect(rule.pattern.test('a'.repeat(rule.max))).toBe(true)
        }
      }
    })

    it('has aliases that lead to models of the catalog', () => {
      const ids = new Set(catalogOf(provider).entries.map(({ id }) => id))
      for (const id of Object.values(provider.aliases ?? {})) expect(ids).toContain(id)
      for (const name of Object.keys(provider.reasoningByName ?? {})) {
        expect(provider.aliases).toHaveProperty([name])
      }
    })

    it('asks no one for what an id of its own cannot do', () => {
      for (const { id } of catalogOf(provider).entries) {
        expect(whyUnserved(provider, id)).toBeUndefined()
      }
    })
  },
)
