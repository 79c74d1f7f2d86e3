import { followed, IMPOSSIBLE, labelled, nearby, ofTool, type Scope } from './evidence.ts'
import type { Mention } from './mention.ts'
import type { Parameter } from './profile.ts'
import { identifierWords } from './stem.ts'

/** How well a number suits a parameter for numbers. */
export function numberEvidence(parameter: Parameter, mention: Mention, scope: Scope): number {
  if (mention.number === undefined) return IMPOSSIBLE
  const { roles } = parameter
  let score =
    labelled(parameter, mention, scope) +
    followed(parameter, mention, scope) +
    nearby(parameter, mention, scope)
  // `the last 5 transactions`: a count of what the tool itself is about.
  const next = scope.message.tokens[mention.to]?.stem ?? ''
  if (
    roles.has('count') &&
    next !== '' &&
    (scope.profile.nameStems.has(next) || scope.profile.describedStems.has(next))
  )
    score += 1.6
  if (mention.kind === 'id') score += roles.has('id') ? 2 : -1
  score += bounded(parameter, mention, scope)
  if (mention.sign === '%') score += roles.has('rate') ? 3 : -1.5
  else if (mention.sign !== undefined || isMoney(mention, scope))
    score += roles.has('money') ? 2.5 : -1
  const year = /^[12]\d{3}$/.test(mention.text)
  if (roles.has('year')) score += year ? 3 : -2
  else if (
    year &&
    mention.lead !== '' &&
    /^(?:in|since|from|until|by|after|before|during)$/.test(mention.lead)
  )
    score -= 2
  if (mention.kind === 'ordinal') score -= 1
  score += ofTool(mention, scope)
  // A spelt-out number often counts things that the parameter does not (`two lists`).
  if (/^\p{L}/u.test(mention.text) && followed(parameter, mention, scope) < 2) score -= 1.2
  if (mention.lead === 'from' && roles.has('source')) score += 1.5
  if (mention.lead === 'to' && roles.has('target')) score += 1.5
  return score
}

/** Whether a currency stands right after a number: its code in capitals, or its name. */
function isMoney(mention: Mention, scope: Scope): boolean {
  const next = scope.message.tokens[mention.to]
  if (next?.kind !== 'word') return false
  return (
    /^\p{Lu}{3}$/u.test(next.text) ||
    /^(?:dollars?|euros?|pounds?|yen|francs?|rupees?|bucks|cents?)$/.test(next.lower)
  )
}

const UPPER = /^(?:under|below|within|most|maximum|than|up)$/
const LOWER = /^(?:over|above|least|minimum|than|starting)$/

/** How `under 80` or `at least 3` suits a parameter that bounds something. */
function bounded(parameter: Parameter, mention: Mention, scope: Scope): number {
  const before = scope.message.tokens
    .slice(Math.max(scope.from, mention.from - 3), mention.from)
    .map(token => token.lower)
  const near = before.at(-1) === 'to' ? before.at(-2) : before.at(-1)
  const [upper, lower] = [UPPER, LOWER].map(words => near !== undefined && words.test(near))
  const words = identifierWords(parameter.name)
  const [high, low] = [
    ['max', 'maximum', 'most', 'limit', 'highest', 'upper'],
    ['min', 'minimum', 'least', 'lowest', 'lower'],
  ].map(names => words.some(word => names.includes(word)))
  const more = before.some(word => /^(?:more|greater|higher|bigger|longer)$/.test(word))
  const ceiling = upper === true && !(near === 'than' && more)
  const floor = lower === true && !(near === 'than' && !more)
  if (high === true) return ceiling ? 1.5 : floor ? -2 : 0
  if (low === true) return floor ? 1.5 : ceiling ? -2 : 0
  return 0
}
