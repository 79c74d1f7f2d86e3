import { followed, IMPOSSIBLE, labelled, led, ofTool, type Scope } from './evidence.ts'
import type { Role } from './lexicon.ts'
import { DETERMINERS, type Mention, type MentionKind } from './mention.ts'
import { isRequestVerb } from './phrases.ts'
import type { Parameter } from './profile.ts'
import { allows } from './shape.ts'
import { identifierWords, stem } from './stem.ts'
import type { Token } from './words.ts'

/** How well a mention suits a parameter for texts. */
export function textEvidence(parameter: Parameter, mention: Mention, scope: Scope): number {
  if (!allows(parameter.schema, 'string')) return IMPOSSIBLE
  const label = labelled(parameter, mention, scope)
  let score =
    label +
    followed(parameter, mention, scope) +
    led(parameter, mention, scope) +
    kindEvidence(parameter, mention, label, scope)
  score += hinted(parameter, mention) + ofTool(mention, scope)
  if (label < 2 || mention.lead === 'of') score -= known(mention, scope)
  if (isObject(mention, scope)) score += 0.6
  if (isOwnThing(parameter, mention, scope)) score += 3.5
  if (mention.opening) score -= 0.8
  return score
}

/** Whether a phrase is a thing of the parameter's own kind: `the living room` for a room. */
export function isOwnThing(parameter: Parameter, mention: Mention, scope: Scope): boolean {
  if (mention.kind !== 'phrase' || mention.to - mention.from < 2) return false
  const { tokens } = scope.message
  const before = tokens[mention.from - 1]?.lower ?? ''
  const noun = tokens[mention.to - 1]?.stem ?? ''
  return (
    /^(?:the|my|our|your)$/.test(before) &&
    parameter.stems.length === 1 &&
    parameter.stems[0] === noun
  )
}

/** Whether a mention stands right after the verb of a request, as its object. */
function isObject(mention: Mention, scope: Scope): boolean {
  const { tokens } = scope.message
  let at = mention.from - 1
  while (at > scope.from && DETERMINERS.test(tokens[at]?.lower ?? '')) at--
  return at >= scope.from && isRequestVerb(tokens, at)
}

/** How well a mention agrees with the examples of a description. */
function hinted(parameter: Parameter, mention: Mention): number {
  const text = mention.text.toLowerCase()
  if (parameter.hints.some(hint => hint.toLowerCase() === text)) return 3.5
  if (parameter.hints.some(hint => stem(hint) === stem(text))) return 3
  return mention.kind === 'name' && parameter.hints.some(hint => /^\p{Lu}/u.test(hint)) ? 0.4 : 0
}

/** What to take off for a mention that repeats the tool's own words, and so asks for the tool. */
function known(mention: Mention, scope: Scope): number {
  if (mention.kind !== 'phrase' && mention.kind !== 'name') return 0
  const words = scope.message.tokens
    .slice(mention.from, mention.to)
    .filter(token => token.kind === 'word')
  const { nameStems, describedStems, parameterStems } = scope.profile
  const own = (word: Token): boolean =>
    nameStems.has(word.stem) || describedStems.has(word.stem) || parameterStems.has(word.stem)
  const shared = words.filter(own).length
  if (words.length === 0) return 0
  if (mention.kind === 'name' && !mention.opening) return shared === words.length ? 2 : 0
  return shared === words.length ? 4 : shared * 0.3
}

/** Kinds that fit a role so well that no other kind will do, or hardly any. */
const ROLE_KINDS: readonly (readonly [Role, readonly MentionKind[]])[] = [
  ['email', ['email']],
  ['url', ['url']],
  ['date', ['date']],
  ['time', ['time', 'date']],
  ['path', ['path', 'url']],
]
/** Words of names whose values are figures or codes. */
const NUMBERED = /^(?:id|ids|number|num|no|nr|isbn|account|identifier|zip|postal|pin)$/

/** How well the kind of a mention suits a parameter for texts. */
function kindEvidence(parameter: Parameter, mention: Mention, label: number, scope: Scope): number {
  const { roles } = parameter
  const { kind } = mention
  for (const [role, kinds] of ROLE_KINDS) {
    if (!roles.has(role)) continue
    if (kinds.includes(kind)) return 3.5 + moment(mention, scope)
    if ((role === 'email' || role === 'url') && kind !== 'quoted') return -6
    if (role !== 'path' && roles.size === 1 && label < 3) return kind === 'quoted' ? 0 : -2
  }
  const has = (...names: readonly Role[]): boolean => names.some(role => roles.has(role))
  switch (kind) {
    case 'email':
      return has('person', 'id') ? 2.5 : -2
    case 'url':
      return has('text') ? 0.5 : -2
    case 'date':
    case 'time':
      return parameter.described.has('dat') || parameter.described.has('tim') ? 1 : -3
    case 'path':
      return has('title', 'id', 'source', 'target') ? 1.5 : 0
    case 'id':
      if (mention.sign === 'phone') return has('phone') ? 4 : -2
      return has('id') ? 3 : has('place') ? -2 : 0.3
    case 'number':
      return numberAsText(parameter, mention, label)
    case 'ordinal':
    case 'list':
      return -2
    case 'code':
      return has('expression') ? 4 : 0.5
    case 'quoted':
      return has('expression') ? 3 : 1.4
    case 'name':
      return nameEvidence(parameter, mention, label)
    case 'phrase':
      return has('id', 'email', 'url') ? -1 : 0
  }
}

function numberAsText(parameter: Parameter, mention: Mention, label: number): number {
  if (parameter.roles.has('year') && /^\d{4}$/.test(mention.text)) return 3
  if (identifierWords(parameter.name).some(word => NUMBERED.test(word))) return 2
  return label >= 2.5 ? 0 : -3
}

/** A name suits an id or code if it looks like one, and most other parameters. */
function nameEvidence(parameter: Parameter, mention: Mention, label: number): number {
  if (!parameter.roles.has('id') || parameter.roles.has('title')) return 1.1
  if (/^[\p{Lu}\d_.#/-]+$/u.test(mention.text) || /[_\d]/.test(mention.text)) return 1.1
  const figures = identifierWords(parameter.name).some(word => NUMBERED.test(word))
  return figures && label < 3 ? -2 : 0
}

/** A day with a time of day suits the only parameter for either, and none of several. */
function moment(mention: Mention, scope: Scope): number {
  if (mention.kind !== 'date' || mention.to - mention.from < 2) return 0
  const timed = scope.profile.parameters.filter(
    one => one.roles.has('date') || one.roles.has('time'),
  )
  return timed.length === 1 ? 2.6 : -2
}
