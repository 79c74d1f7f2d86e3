import type { Scope } from './evidence.ts'
import type { Parameter } from './profile.ts'
import type { Schema } from './schema.ts'
import { identifierWords, stem } from './stem.ts'

/** The choices of a schema that stand for yes and no, where it has them as texts (`"True"`, `"False"`, `"any"`). */
export function yesAndNo(schema: Schema): { yes: unknown; no: unknown } | undefined {
  const choice = (pattern: RegExp): unknown =>
    schema.choices?.find(one => typeof one === 'string' && pattern.test(one))
  const yes = choice(/^(?:true|yes)$/i)
  const no = choice(/^(?:false|no)$/i)
  return yes === undefined || no === undefined ? undefined : { yes, no }
}

const SWITCHES = /^(?:on|off|is|enabled?|active|state|power|powered|status|turn|turned|switch)$/
const NEGATIVE =
  /^(?:not|no|don't|dont|doesn't|does not|without|exclude|excluding|disable|disabled|never|omit|skip|isn't|false|off|turn off|hide|remove|except)$/
const DENIED = /^(?:false|off|disabled|no|inactive|unset|0)$/
const AFFIRMED = /^(?:true|on|yes|enabled|active|set|1)$/

/** What the message says of a yes-or-no parameter, with how surely, or `undefined`. */
export function readBoolean(
  parameter: Parameter,
  scope: Scope,
): { value: boolean; strength: number; at: number } | undefined {
  const { tokens } = scope.message
  const turned = switched(parameter, scope)
  if (turned !== undefined) return turned
  const found: number[] = []
  const seen = new Set<string>()
  for (let at = scope.from; at < scope.to; at++) {
    const token = tokens[at]
    const parts =
      token === undefined || token.stem === ''
        ? []
        : /[_\d]|\p{Ll}\p{Lu}/u.test(token.text)
          ? [token.stem, ...identifierWords(token.text).map(stem)]
          : [token.stem]
    const hit = parameter.stems.find(one =>
      parts.some(
        part =>
          part === one ||
          (one.length >= 5 && part.length >= 5 && (part.startsWith(one) || one.startsWith(part))),
      ),
    )
    if (hit !== undefined) {
      found.push(at)
      seen.add(hit)
    }
  }
  const first = found[0]
  const last = found.at(-1)
  if (first === undefined || last === undefined || seen.size / parameter.stems.length < 0.5)
    return undefined
  const own = [...seen].filter(one => !scope.profile.nameStems.has(one))
  const whole = seen.size === parameter.stems.length
  const said = statedValue(scope, last)
  if (!whole && own.length === 0 && said === undefined) return undefined
  const value = said ?? !denied(parameter, scope, first)
  const common = whole && own.length === 0 && parameter.stems.length === 1 && said === undefined
  return { value, strength: (whole ? 4 : 2.6) - (common ? 2 : 0), at: first }
}

/** `turn off`, `switch on`, `enable` for a parameter that says nothing but whether a thing is on. */
function switched(
  parameter: Parameter,
  scope: Scope,
): { value: boolean; strength: number; at: number } | undefined {
  if (!identifierWords(parameter.name).every(word => SWITCHES.test(word))) return undefined
  const { tokens } = scope.message
  for (let at = scope.from; at < scope.to; at++) {
    const word = tokens[at]?.lower ?? ''
    if (/^(?:enable|activate|unmute)$/.test(word)) return { value: true, strength: 4, at }
    if (/^(?:disable|deactivate|mute)$/.test(word)) return { value: false, strength: 4, at }
    if (!/^(?:turn|switch|put|turned|switched|power)$/.test(word)) continue
    const way = tokens
      .slice(at + 1, Math.min(scope.to, at + 7))
      .find(token => token.lower === 'on' || token.lower === 'off')
    if (way !== undefined) return { value: way.lower === 'on', strength: 4, at }
  }
  return undefined
}

/** The value written out after the parameter's words: `enabled true`, `verbose = off`. */
function statedValue(scope: Scope, last: number): boolean | undefined {
  for (let at = last + 1; at < Math.min(scope.to, last + 4); at++) {
    const word = scope.message.tokens[at]?.lower ?? ''
    if (DENIED.test(word)) return false
    if (AFFIRMED.test(word) && word !== 'on') return true
    if (!/^(?:is|to|=|:|as|be|should|must|set|flag)$/.test(word)) return undefined
  }
  return undefined
}

function denied(parameter: Parameter, scope: Scope, first: number): boolean {
  const own = new Set(identifierWords(parameter.name))
  for (let at = first - 1; at >= Math.max(scope.from, first - 4); at--) {
    const token = scope.message.tokens[at]
    if (token === undefined || (token.kind === 'mark' && token.text !== ',')) return false
    if (token.text === ',') return false
    if (NEGATIVE.test(token.lower)) return !own.has(token.lower)
  }
  return false
}
