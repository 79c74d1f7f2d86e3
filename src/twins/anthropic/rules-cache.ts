import { reject } from './error.ts'
import { isObject, type JsonObject } from './json.ts'
import { type MessagesRequest, objectOf, objectsOf, textOf } from './request.ts'

/** A cache breakpoint and where its block stands. */
interface Breakpoint {
  readonly path: string
  readonly ttl: string
}

const MOST_BREAKPOINTS = 4

/** Rules on cache breakpoints, in the vendor's order: tools, system, messages. */
export function checkCacheControl(request: MessagesRequest): void {
  const breakpoints = [...breakpointsOf(request)]
  // The mark on the whole request takes a place of its own.
  const isMarked = isObject(request.body['cache_control'])
  const found = breakpoints.length + (isMarked ? 1 : 0)
  // Source: Anthropic.SDK issue #50, 2024-09, and many since.
  if (found > MOST_BREAKPOINTS) {
    reject(
      `A maximum of ${MOST_BREAKPOINTS} blocks with cache_control may be provided. Found ${found}.`,
    )
  }
  const firstShort = breakpoints.findIndex(({ ttl }) => ttl === '5m')
  const late = breakpoints.find(({ ttl }, place) => ttl === '1h' && place > firstShort)
  if (firstShort >= 0 && late) {
    // Source: public reports of 2026 about clients that mix the two.
    reject(
      `${late.path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`,
    )
  }
}

function* breakpointsOf({ tools, system, messages }: MessagesRequest): Generator<Breakpoint> {
  for (const { index, at } of tools) yield* breakpointOf(at, `tools.${index}`)
  for (const { index, at } of system) yield* breakpointOf(at, `system.${index}`)
  for (const { index, blocks } of messages) {
    for (const block of blocks) {
      const path = `messages.${index}.content.${block.index}`
      for (const [place, part] of objectsOf(block.at, 'content').entries()) {
        yield* breakpointOf(part, `${path}.content.${place}`)
      }
      yield* breakpointOf(block.at, path)
    }
  }
}

function* breakpointOf(at: JsonObject, path: string): Generator<Breakpoint> {
  const mark = objectOf(at, 'cache_control')
  if (mark) yield { path, ttl: textOf(mark, 'ttl') ?? '5m' }
}
