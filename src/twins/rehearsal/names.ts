import { CONNECTORS, FUNCTION_WORDS, QUESTION_WORDS, VERBS } from './lexicon.ts'
import { CODE_LIKE, isContent, type Mention, mention } from './mention.ts'
import { isAbbreviation, type Token } from './words.ts'

const LINKS = /^(?:of|de|la|le|the|von|van|del|della|di|da|du|el|al)$/

/** Runs of capitalised words, with the small words that names hold inside, and regions joined to their cities. */
export function findNames(text: string, tokens: readonly Token[]): Mention[] {
  const out: Mention[] = []
  for (let at = 0; at < tokens.length; ) {
    if (!isNameWord(tokens[at])) {
      at++
      continue
    }
    let end = at + 1
    for (let next = step(tokens, end); next > end; next = step(tokens, end)) end = next
    const bare = /^(?:the|a|an)$/.test(tokens[at]?.lower ?? '') && end - at === 1 ? end : at
    const start = isHouseNumber(tokens, bare - 1, end) ? bare - 1 : bare
    if (end > start) out.push(mention(text, tokens, 'name', start, end))
    at = end
  }
  return [...joinRegions(text, tokens, out), ...numbered(text, tokens, out)].sort(
    (one, other) => one.from - other.from,
  )
}

function isNameWord(token: Token | undefined): boolean {
  if (token?.kind !== 'word') return false
  if (CODE_LIKE.test(token.text)) return true
  if (!token.capital || /^I(?:['’].*)?$/.test(token.text)) return false
  // A small word in capitals is a name (`US`); one with a capital only is not by itself.
  if (FUNCTION_WORDS.has(token.lower) && token.text.slice(1) === token.lower.slice(1)) {
    return !token.opening && /^(?:the|a|an|my|all|may|will)$/.test(token.lower)
  }
  if (!token.opening) return !QUESTION_WORDS.has(token.lower)
  return isContent(token) && !VERBS.has(token.lower)
}

/** Where a name that has come so far goes on to, or the same place if it ends. */
function step(tokens: readonly Token[], end: number): number {
  const here = tokens[end]
  const before = tokens[end - 1]
  if (here === undefined || before === undefined) return end
  if (/['’]s?$/.test(before.text) && !here.capital) return end
  if (here.kind === 'word' && isNameWord(here) && !here.opening) return end + 1
  if (here.text === '.' && isAbbreviation(before) && tokens[end + 1]?.capital === true)
    return end + 2
  if (here.text === '-' && here.start === before.end && tokens[end + 1]?.start === here.end)
    return end + 2
  if (here.capital || !LINKS.test(here.lower)) return end
  const next = tokens[end + 1]
  const far = tokens[end + 2]
  if (next?.kind === 'word' && next.capital) return end + 2
  return /^(?:the|la|el)$/.test(next?.lower ?? '') && far?.kind === 'word' && far.capital
    ? end + 3
    : end
}

const STREETS =
  /(?:^(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|square|place|court|alley)|stra(?:ss|ß)e|platz|weg)$/i

/** Whether the figure before a name is the number of a house in a street. */
function isHouseNumber(tokens: readonly Token[], at: number, end: number): boolean {
  const number = tokens[at]
  return (
    number?.kind === 'number' &&
    /^\d{1,5}$/.test(number.text) &&
    STREETS.test(tokens[end - 1]?.text ?? '')
  )
}

/** `Windows 10` beside `Windows`: a name with the whole number right after it, if no unit follows. */
function numbered(text: string, tokens: readonly Token[], names: readonly Mention[]): Mention[] {
  return names.flatMap(name => {
    const number = tokens[name.to]
    if (
      number?.kind !== 'number' ||
      !/^\d{1,4}$/.test(number.text) ||
      isContent(tokens[name.to + 1])
    )
      return []
    return [{ ...mention(text, tokens, 'name', name.from, name.to + 1), opening: name.opening }]
  })
}

/** Joins `San Francisco, CA` and `Paris, France`, but not the members of a list. */
function joinRegions(text: string, tokens: readonly Token[], names: readonly Mention[]): Mention[] {
  const out: Mention[] = []
  let paired = false
  for (let at = 0; at < names.length; at++) {
    const name = names[at]
    if (name === undefined) break
    const next = names[at + 1]
    if (
      next === undefined ||
      !adjoins(tokens, name, next) ||
      !(paired || isRegion(tokens, names, at))
    ) {
      paired = false
      out.push(name)
      continue
    }
    paired = pairsUp(tokens, names, at)
    const third = names[at + 2]
    const longer = third !== undefined && isCode(next) && adjoins(tokens, next, third)
    out.push(mention(text, tokens, 'name', name.from, longer ? third.to : next.to))
    at += longer ? 2 : 1
  }
  return out
}

/** Whether only a comma stands between two names. */
function adjoins(tokens: readonly Token[], name: Mention, next: Mention): boolean {
  return tokens[name.to]?.text === ',' && next.from === name.to + 1
}

function isCode(name: Mention): boolean {
  return /^\p{Lu}{2,3}$/u.test(name.text)
}

function isRegion(tokens: readonly Token[], names: readonly Mention[], at: number): boolean {
  const [name, next, third] = [names[at], names[at + 1], names[at + 2]]
  if (name === undefined || next === undefined) return false
  if (/^\p{Lu}{2}$/u.test(next.text) || /^(?:\p{Lu}\.){2}$/u.test(next.text)) return true
  const pair = pairsUp(tokens, names, at)
  if (!/^(?:in|at|from|to|near|for|of|around|between)$/.test(name.lead) && !pair) return false
  // A third member makes it a list: `Paris, Rome and Berlin`, unless that is a pair as well.
  const after = tokens[next.to]?.lower ?? ''
  const goesOn =
    after === ',' &&
    (third?.from === next.to + 1 || CONNECTORS.has(tokens[next.to + 1]?.lower ?? ''))
  const listed = /^(?:and|or|&)$/.test(after) && third?.from === next.to + 1
  return (!goesOn && !listed) || pair
}

/** Whether the names from here come in pairs: `Paris, France and Rome, Italy`. */
function pairsUp(tokens: readonly Token[], names: readonly Mention[], at: number): boolean {
  const [second, third, fourth] = [names[at + 1], names[at + 2], names[at + 3]]
  if (second === undefined || third === undefined || fourth === undefined) return false
  const between = tokens
    .slice(second.to, third.from)
    .map(token => token.lower)
    .join(' ')
  const joined = /^,? ?(?:and|or|&|versus|vs|to)(?: (?:in|for|from|to|at))?$/.test(between)
  return joined && adjoins(tokens, third, fourth) && tokens[fourth.to]?.text !== ','
}
