import { isDeepStrictEqual } from 'node:util'
import type { TwinModel } from '../model.ts'
import type { Answer } from './answer.ts'
import { reject } from './error.ts'
import { isList, type JsonObject, parseJson, writeJson } from './json.ts'
import { blockMember } from './reply.ts'
import type { MessagesRequest } from './request.ts'

/** The blocks of a turn that was paused, as they went out. */
type PausedBlocks = readonly unknown[]

// What was paused belongs to what speaks through the twin, so that two twins share nothing.
const paused = new WeakMap<TwinModel, Map<string, PausedBlocks>>()

/** Remembers an answer that is to be gone on with, by the ids of its server tools' calls. */
export function rememberPause(answer: Answer, model: TwinModel): void {
  if (answer.stopReason !== 'pause_turn') return
  const known = paused.get(model) ?? new Map<string, PausedBlocks>()
  paused.set(model, known)
  const { value } = parseJson(writeJson(answer.blocks.map(block => blockMember(block, answer))))
  for (const block of answer.blocks)
    if (block.type === 'server_tool_use') known.set(block.id, isList(value) ? value : [])
}

/**
 * Refuses a conversation in which a paused turn is not what it was: it has to come back as it is
 * (Claude docs, "handling stop reasons", 2026). The vendor notices by what it sealed in the results;
 * a twin compares, and its words are its own.
 *
 * @throws Rejection
 */
export function refuseChangedPauses(request: MessagesRequest, model: TwinModel): void {
  const known = paused.get(model)
  if (!known) return
  for (const { blocks, index } of request.messages) {
    for (const [place, { type, at }] of blocks.entries()) {
      const was = type === 'server_tool_use' ? known.get(String(at['id'])) : undefined
      if (!was) continue
      const from = place - was.findIndex(block => idOf(block) === at['id'])
      const now = blocks
        .slice(Math.max(from, 0), from + was.length)
        .map(block => unmarked(block.at))
      if (from < 0 || !isDeepStrictEqual(now, was)) {
        reject(
          `messages.${index}.content.${place}: the content of a paused turn must be sent back as it was`,
        )
      }
    }
  }
}

function idOf(block: unknown): unknown {
  return typeof block === 'object' && block !== null && 'id' in block ? block.id : undefined
}

/** A mark for the cache says nothing of the content. */
function unmarked({ cache_control: _, ...block }: JsonObject): unknown {
  return block
}
