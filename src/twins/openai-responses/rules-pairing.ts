import { reject } from './error.ts'
import { textOf } from './json.ts'
import type { Item, ResponsesRequest } from './request.ts'

/** Calls and their outputs, in the words of the vendor's texts. */
const PAIRS = [
  { call: 'function_call', output: 'function_call_output', noun: 'function call' },
  { call: 'custom_tool_call', output: 'custom_tool_call_output', noun: 'custom tool call' },
] as const

/**
 * Each output needs a call before it, and each call an output, wherever it stands: in the input or
 * in the responses before it (issues vscode #320060, trae-agent #245, GhidrAssist #78).
 */
export function checkPairing({ history, items }: ResponsesRequest): void {
  const sequence = [...history, ...items]
  for (const { call, output, noun } of PAIRS) {
    const open = new Map<string, boolean>()
    for (const item of sequence) {
      const id = callIdOf(item)
      if (item.type === call) open.set(id, true)
      if (item.type !== output) continue
      if (!open.has(id))
        reject(`No tool call found for ${noun} output with call_id ${id}.`, 'input')
      open.set(id, false)
    }
    const [unanswered] = [...open].find(([, isOpen]) => isOpen) ?? []
    if (unanswered !== undefined) reject(`No tool output found for ${noun} ${unanswered}.`, 'input')
  }
}

function callIdOf({ at }: Item): string {
  return textOf(at.call_id) ?? ''
}
