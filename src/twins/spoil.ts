import type { ModelFault } from './faults.ts'
import type { TwinBlock, TwinPrompt, TwinTurn } from './model.ts'
import type { Random } from './random.ts'
import { isRecord } from './shape.ts'

type CallBlock = Extract<TwinBlock, { readonly type: 'call' }>

/** Where a call stands among the blocks of its turn. */
interface Spot {
  readonly index: number
  readonly call: CallBlock
}

/**
 * Spoils a turn as a fault says, each time in the same way for the same sequence. Returns the very
 * turn that was given when there is nothing to spoil: no call, or, for `duplicate-id`, only one.
 * With the prompt known, an unknown name is sure to be one, and free text of custom tools is left.
 */
export function spoil(
  turn: TwinTurn,
  fault: ModelFault,
  random: Random,
  prompt?: TwinPrompt,
): TwinTurn {
  const spots = turn.blocks.flatMap((block, index): Spot[] =>
    block.type === 'call' ? [{ index, call: block }] : [],
  )
  switch (fault.kind) {
    case 'malformed-arguments': {
      const custom = new Set(prompt?.tools.filter(tool => tool.custom).map(tool => tool.name))
      const fit = spots.filter(({ call }) => !custom.has(call.name) && isObjectText(call.arguments))
      if (fit.length === 0) return turn
      const { index, call } = random.pick(fit)
      return replace(turn, index, { ...call, arguments: malformed(call.arguments, random) })
    }
    case 'unknown-tool': {
      if (spots.length === 0) return turn
      const { index, call } = random.pick(spots)
      const taken = new Set([call.name, ...(prompt?.tools ?? []).map(tool => tool.name)])
      return replace(turn, index, { ...call, name: unknownName(call.name, taken, random) })
    }
    case 'duplicate-id': {
      if (spots.length < 2) return turn
      const own = spots.find(({ call }) => call.id !== undefined)?.call.id
      const id = fault.id ?? own ?? `call_${random.text(24)}`
      const blocks = turn.blocks.map(block => (block.type === 'call' ? { ...block, id } : block))
      return { ...turn, blocks }
    }
  }
}

function replace(turn: TwinTurn, index: number, call: CallBlock): TwinTurn {
  return { ...turn, blocks: turn.blocks.map((block, at) => (at === index ? call : block)) }
}

/** Empty text counts: it is how a call without arguments often looks. */
function isObjectText(text: string): boolean {
  if (text.trim() === '') return true
  try {
    return isRecord(JSON.parse(text))
  } catch {
    return false
  }
}

/** Ways in which models break arguments; each gives `undefined` where it would break nothing. */
const WAYS: readonly ((text: string, random: Random) => string | undefined)[] = [
  // Truncated: no proper beginning of an object's text is JSON.
  (text, random) => text.slice(0, 1 + random.below(text.length - 1)),
  // A trailing comma.
  text => `${text.slice(0, -1).trimEnd()},}`,
  // Single quotes, as Python prints them.
  text => (text.includes('"') ? text.replaceAll('"', "'") : undefined),
  // The wrong type at the root.
  (text, random) => random.pick([`[${text}]`, JSON.stringify(text), 'null', '42', 'true']),
  // Words after the object.
  (text, random) =>
    text +
    random.pick(['\nI will wait for the result.', ' // done', text, '\n```', '</tool_call>']),
  // An escape that JSON does not know.
  (text, random) => {
    const quote = text.indexOf('"')
    if (quote < 0) return undefined
    const bad = random.pick(['\\x41', '\\q', "\\'", '\\u{41}'])
    return `${text.slice(0, quote + 1)}${bad}${text.slice(quote + 1)}`
  },
  // Nothing at all.
  () => '',
]

function malformed(text: string, random: Random): string {
  const whole = text.trim() === '' ? '{}' : text.trim()
  for (;;) {
    const broken = random.pick(WAYS)(whole, random)
    if (broken !== undefined && broken !== text) return broken
  }
}

function unknownName(name: string, taken: ReadonlySet<string>, random: Random): string {
  // Names stay within 64 letters, digits, `_` and `-`, so that only the tool is wrong.
  const stem = name.slice(0, 56)
  const candidates = [`${stem}_v2`, `${stem}s`, `do_${stem}`, `${stem}_${random.text(4)}`]
  const free = candidates.filter(candidate => !taken.has(candidate))
  return free.length > 0 ? random.pick(free) : `${stem}_${random.text(7)}`
}
