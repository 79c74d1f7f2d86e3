import { createHash } from 'node:crypto'
import type { TextRule } from '../protocols/quirks.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Whether a text keeps a rule. */
export function keeps(rule: TextRule, text: string): boolean {
  return text.length > 0 && text.length <= rule.max && rule.pattern.test(text)
}

/**
 * An id that keeps `rule`, made from `id` alone: the same id gives the same result in every request
 * and on every instance. `salt` counts up when an id stands more than once in a conversation.
 */
export function mintId(id: string, salt: number, rule: TextRule): string {
  const digest = base62(`${salt}:${id}`)
  const long = `call_${digest.slice(0, 24)}`
  return keeps(rule, long) ? long : digest.slice(0, Math.min(rule.max, 40))
}

/**
 * A tool name that keeps `rule`: the legal letters of `name`, and six letters that tell it apart.
 * `salt` counts up when another tool has that very name.
 */
export function mintName(name: string, salt: number, rule: TextRule): string {
  const legal = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, rule.max - 8)
  const minted = `${legal}_${base62(salt === 0 ? name : `${salt}:${name}`).slice(0, 6)}`
  // Some vendors want a letter or an underscore in front.
  return keeps(rule, minted) ? minted : `_${minted}`
}

function base62(text: string): string {
  let out = ''
  for (const byte of createHash('sha256').update(text).digest()) out += DIGITS[byte % 62]
  return out
}
