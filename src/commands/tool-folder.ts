import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { ConfigError } from '../config/config.ts'
import { isObject } from '../core/json.ts'
import type { Tool } from '../loop/index.ts'

/**
 * Loads the tools of a folder: of each `.mjs` and `.js` file, in the order of their names, whatever
 * it exports that `tool()` made, alone or in a list. A path of a file loads that file.
 *
 * @throws ConfigError if there is nothing to load, a file fails, or two tools have the same name.
 */
export async function loadTools(path: string): Promise<Tool[]> {
  const found = new Map<string, { tool: Tool; from: string }>()
  for (const name of await filesOf(path)) {
    const tools = await toolsOf(name)
    if (tools.length === 0) throw new ConfigError(`${name} exports nothing that tool() made`)
    for (const tool of tools) {
      const other = found.get(tool.name)
      if (other && other.tool !== tool)
        throw new ConfigError(`two tools are named '${tool.name}': in ${other.from} and in ${name}`)
      found.set(tool.name, { tool, from: name })
    }
  }
  return [...found.values()].map(({ tool }) => tool)
}

async function filesOf(path: string): Promise<string[]> {
  const about = await stat(path).catch(() => undefined)
  if (!about) throw new ConfigError(`there is no ${path} to load tools from`)
  if (about.isFile()) return [path]
  const names = (await readdir(path)).filter(name => /\.(mjs|js)$/.test(name)).sort()
  if (names.length === 0)
    throw new ConfigError(`${path} has no .mjs or .js file to load tools from`)
  return names.map(name => join(path, name))
}

async function toolsOf(file: string): Promise<Tool[]> {
  try {
    const loaded = await importOf(file)
    if (typeof loaded !== 'object' || loaded === null) return []
    // `default` may be one of the named exports once more.
    return [...new Set(Object.values(loaded).flat().filter(isTool))]
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : inspect(cause)
    throw new ConfigError(`${file} cannot be loaded: ${why}`)
  }
}

/** Imports a file; rejects when nothing is left that it could wait for, as the program would end. */
async function importOf(file: string): Promise<unknown> {
  let giveUp = () => {}
  const never = new Promise<never>((_, reject) => {
    giveUp = () => reject(new Error('what it waits for never comes'))
  })
  process.once('beforeExit', giveUp)
  try {
    return await Promise.race([import(pathToFileURL(resolve(file)).href), never])
  } finally {
    process.off('beforeExit', giveUp)
  }
}

/** By its shape: the file may have been written against another copy of this package. */
function isTool(value: unknown): value is Tool {
  if (!isObject(value)) return false
  const methods: readonly unknown[] = ['check', 'run', 'lockOf', 'approvalFor'].map(
    name => value[name],
  )
  return typeof value['name'] === 'string' && methods.every(one => typeof one === 'function')
}
