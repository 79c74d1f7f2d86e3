import { randomUUID } from 'node:crypto'
import { ToolgateError } from '../core/error.ts'
import type { Message } from '../core/message.ts'
import { protocolNamed } from '../protocols/index.ts'
import { findAddress } from './address.ts'
import type { Budget } from './budget.ts'
import type { StartEntry } from './entry.ts'
import { fitHistory } from './fit-history.ts'
import { readMessages } from './history.ts'
import type { RunOptions } from './options.ts'

/**
 * What a run begins with, by its options.
 *
 * @throws ToolgateError `invalid_value` if there is no model, no address or nothing to ask.
 */
export function startOf(options: RunOptions): StartEntry {
  const { model, baseUrl, instructions, prompt, messages = [] } = options
  if (typeof model !== 'string' || model === '')
    throw new ToolgateError('invalid_value', 'model must be a name.')
  const facts = options.facts?.(model, baseUrl)
  const known = options.protocol ?? facts?.protocol
  const { protocol } = findAddress(baseUrl, {
    ...(known === undefined ? {} : { protocol: known }),
    ...(facts?.native === undefined ? {} : { native: facts.native }),
  })
  const before = readMessages(messages)
  const all = [
    ...(isSaid(instructions, before) ? [] : plain('system', instructions)),
    ...before,
    ...plain('user', prompt),
  ]
  if (!all.some(({ role }) => role !== 'system'))
    throw new ToolgateError('invalid_value', 'There is nothing to ask: give prompt or messages.')
  return {
    type: 'start',
    version: 1,
    run: randomUUID(),
    at: Date.now(),
    model,
    baseUrl,
    protocol,
    stream: options.stream ?? true,
    quirks: options.quirks ?? facts?.quirks?.(protocol) ?? {},
    settings: settingsOf(options),
    budget: storable(options.budget ?? {}),
    messages: fitHistory(all, protocolNamed(protocol).callId, facts?.family),
  }
}

/** A budget that JSON can hold: it knows no `Infinity`, and what is not said may have a default. */
function storable(budget: Budget): Budget {
  return Object.fromEntries(
    Object.entries(budget).flatMap(([name, limit]: [string, number | undefined]) =>
      limit === undefined ? [] : [[name, Math.min(limit, Number.MAX_SAFE_INTEGER)]],
    ),
  )
}

/** Whether a conversation that goes on begins with these instructions already. */
function isSaid(instructions: string | undefined, [first]: readonly Message[]): boolean {
  if (instructions === undefined || first?.role !== 'system') return false
  const [part, ...others] = first.content
  return others.length === 0 && part?.type === 'text' && part.text === instructions
}

function plain(role: 'system' | 'user', content: string | undefined): Message[] {
  return content === undefined ? [] : readMessages([{ role, content }])
}

const SETTINGS = 'maxTokens temperature topP stop seed reasoning output parallel'.split(' ')

function settingsOf(options: RunOptions): StartEntry['settings'] {
  const given = Object.entries(options).filter(
    ([name, value]) => SETTINGS.includes(name) && value !== undefined,
  )
  return Object.fromEntries(given)
}
