import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { isObject, type Json } from '../core/json.ts'
import type { FetchAnswer, Task } from './call.ts'

const REDIRECTS = [301, 302, 303, 307, 308]
const MAX_REDIRECTS = 5

/** Takes note of bytes that an answer holds; throws when they are too many. */
type Hold = (bytes: number) => void

/**
 * Does on this side of the wall what the code asked for, within what its call allows. Takes JSON text
 * from a stranger and answers JSON text; rejects with an error whose message the code may read.
 */
export async function answerAsk(
  task: Task,
  kind: string,
  text: string,
  signal: AbortSignal,
  hold: Hold,
): Promise<string> {
  const argument: Json = JSON.parse(text)
  if (kind === 'readFile' && typeof argument === 'string')
    return JSON.stringify(await readAllowed(task, argument, hold))
  if (kind === 'fetch' && isObject(argument) && typeof argument['url'] === 'string')
    return JSON.stringify(await fetchAllowed(task, argument['url'], argument, signal, hold))
  throw new TypeError(`there is no ${kind} that takes this`)
}

async function readAllowed(task: Task, path: string, hold: Hold): Promise<string> {
  const refused = new Error(`"${path}" is not among the files of this call`)
  // Links are followed before the comparison, so that none leads out.
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) throw refused
  for (const allowed of task.files ?? []) {
    const root = await realpath(allowed).catch(() => undefined)
    if (root === undefined) continue
    const folder = root.endsWith(sep) ? root : root + sep
    if (real !== root && !real.startsWith(folder)) continue
    // A pipe would otherwise be waited for, in one of the few threads that the program has for files.
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) throw new Error(`"${path}" is no file`)
      return await textOf(file.createReadStream({ autoClose: false }), hold)
    } finally {
      await file.close()
    }
  }
  throw refused
}

/** Whether a list allows an address: a host without a port stands for the protocol's own port. */
export function allows(network: readonly string[], url: URL): boolean {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return network.some(
    entry => (url.port === '' && entry === url.hostname) || entry === `${url.hostname}:${port}`,
  )
}

async function fetchAllowed(
  task: Task,
  address: string,
  options: { [key: string]: Json | undefined },
  signal: AbortSignal,
  hold: Hold,
): Promise<FetchAnswer> {
  let url = new URL(address)
  let { method = 'GET', body } = options
  const { headers: given = {} } = options
  if (!isObject(given)) throw new TypeError('headers must be an object of texts')
  if (body !== undefined && typeof body !== 'string') throw new TypeError('body must be a text')
  let headers = given
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    if (!allows(task.network ?? [], url))
      throw new Error(`${url.host} is not among the hosts of this call`)
    const response = await fetch(url, {
      method: String(method),
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ...(typeof body === 'string' && { body }),
      redirect: 'manual',
      signal,
    })
    const location = response.headers.get('location')
    if (!REDIRECTS.includes(response.status) || location === null)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await textOf(response.body ?? [], hold),
      }
    await response.body?.cancel()
    const next = new URL(location, url)
    // What was meant for one host is not handed on to another.
    if (next.origin !== url.origin) headers = {}
    if (response.status <= 303 && method !== 'HEAD') {
      method = 'GET'
      body = undefined
    }
    url = next
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects`)
}

async function textOf(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hold: Hold,
): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of parts) {
    hold(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
