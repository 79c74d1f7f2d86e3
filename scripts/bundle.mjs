// Makes one file of many: Node spends more on finding and linking a file than on reading it.
import { basename, isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

/**
 * Bundles sources, each of `input` to a file of its name in `dir`; what they share stands beside
 * them. Packages stay imports. What is imported on demand stays a file of its own, read on demand.
 */
export async function bundle(input, dir) {
  const bundled = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: id => !id.startsWith('.') && !isAbsolute(id),
    onLog(level, log, report) {
      if (level === 'warn') throw new Error(log.message)
      report(level, log)
    },
  })
  // All files stand in one folder: what they find beside them by `import.meta.url` is found from each.
  await bundled.write({ dir, format: 'esm', chunkFileNames: '[name]-[hash].js' })
  await bundled.close()
}

/** The path of a source bundled for those who look inside: benchmarks and tests. */
export async function bundledPath(source) {
  const name = basename(source, '.ts')
  const dir = join(root, '.cache', 'bundle', source.replaceAll(/[^a-z]/g, '-'))
  await bundle({ [name]: source }, dir)
  return join(dir, `${name}.js`)
}

/** What a source exports, for scripts that look inside. */
export async function bundled(source) {
  return import(pathToFileURL(await bundledPath(source)).href)
}
