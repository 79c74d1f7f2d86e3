import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../src/core/error.ts'
import type { Loss } from '../../src/core/loss.ts'
import type { Message } from '../../src/core/message.ts'
import { EFFORTS, type ModelRequest } from '../../src/core/request.ts'
import { protocolNamed } from '../../src/protocols/index.ts'
import type { Quirks } from '../../src/protocols/quirks.ts'
import { parseJson, stringifyJson } from '../../src/wire/json.ts'
import { requestMeaning } from '../request-meaning.ts'
import { requestFor, SPOKEN, type Spoken } from './arbitraries.ts'
import { plainRequest } from './plain-request.ts'

const HEADERS = { 'anthropic-version': '2023-06-01' }

/** Flags by which a vendor takes less than its protocol says; none of them only renames. */
const LESS: { readonly [P in Spoken]: fc.Arbitrary<Quirks> } = {
  'openai-chat': fc.record(
    {
      sampling: fc.constantFrom('all' as const, 'none' as const),
      strictTools: fc.boolean(),
      structuredOutput: fc.boolean(),
      parallelField: fc.boolean(),
      stop: fc.boolean(),
      efforts: fc.subarray([...EFFORTS]),
      toolChoices: fc.constantFrom(
        ['auto'] as const,
        ['auto', 'none'] as const,
        ['auto', 'none', 'required'] as const,
        ['auto', 'none', 'required', 'tool'] as const,
      ),
    },
    { requiredKeys: [] },
  ),
  anthropic: fc.record(
    {
      sampling: fc.constantFrom('all' as const, 'one' as const, 'none' as const),
      strictTools: fc.boolean(),
      structuredOutput: fc.boolean(),
      forcedChoice: fc.boolean(),
      media: fc.boolean(),
      outputEfforts: fc.subarray([...EFFORTS]),
      thinking: fc.constantFrom('none' as const, 'manual' as const, 'adaptive' as const),
    },
    { requiredKeys: [] },
  ),
}

describe.each(SPOKEN)('losses in %s', name => {
  const protocol = protocolNamed(name)
  const meaningOf = (body: unknown) =>
    requestMeaning(name, JSON.parse(JSON.stringify(body ?? null)))

  it('are told if and only if a vendor that takes less is told something else', () => {
    fc.assert(
      fc.property(requestFor(name), LESS[name], (request, quirks) => {
        // A model that does not think need not be told not to.
        const { reasoning } = request
        fc.pre(quirks.thinking !== 'none' || reasoning?.mode !== 'off')
        fc.pre(quirks.efforts?.includes('none') !== false || reasoning?.effort !== 'none')
        // Of a single tool, to demand a call and to demand it by name are the same.
        fc.pre(!quirks.toolChoices || request.tools.length !== 1)
        const whole = protocol.encodeRequest(request, {})
        let bent: ReturnType<typeof protocol.encodeRequest>
        try {
          bent = protocol.encodeRequest(request, quirks)
        } catch (thrown) {
          // To refuse is not to lose in silence.
          expect(isToolgateError(thrown) && thrown.status).toBe(400)
          return
        }
        const isSame =
          JSON.stringify(sorted(meaningOf(whole.body))) ===
          JSON.stringify(sorted(meaningOf(bent.body)))
        expect({ isSame, losses: bent.losses }).toEqual({
          isSame,
          losses: isSame ? [] : expect.arrayContaining([expect.anything()]),
        })
        checkLosses(bent.losses)
      }),
      { numRuns: 2000 },
    )
  })
})

/** Each loss says where and what, in words. */
function checkLosses(losses: readonly Loss[]): void {
  for (const { path, what } of losses) {
    expect(path).not.toBe('')
    expect(what).not.toBe('')
    expect(path).toMatch(/^[\w.[\]-]+$/)
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

describe('across protocols', () => {
  const pairs = SPOKEN.flatMap(from =>
    SPOKEN.filter(to => to !== from).map((to): [Spoken, Spoken] => [from, to]),
  )

  it.each(pairs)('from %s to %s nothing is lost in silence', (from, to) => {
    const protocol = protocolNamed(to)
    fc.assert(
      fc.property(requestFor(from), request => {
        const { body, losses } = protocol.encodeRequest(request, { maxOutput: 64_000, topK: true })
        const again = protocol.decodeRequest(parseJson(stringifyJson(body)), { headers: HEADERS })
        checkLosses(losses)
        if (losses.length === 0) expect(common(again)).toEqual(common(request))
      }),
      { numRuns: 2000 },
    )
  })
})

/**
 * What two protocols have in common of a request. What differs without a loss is this, and nothing
 * else: the protocol's name; OpenAI's two words for instructions, and whether those at the head are
 * one message; the limit that one protocol demands; cache marks, which are hints; the name of an
 * output schema and of a file, which one protocol demands; whether an output schema is strict, where
 * there is no other; the words of a refusal, which are the model's words all the same; not to think,
 * to a model that does so only if it is asked; to think as it sees fit, beside an effort; and the
 * empty `properties` of a tool that takes none, which one vendor wants to see.
 */
function common(request: ModelRequest): unknown {
  const { messages, output, reasoning } = request
  const head = messages.filter(({ role }, i) => role === 'system' && isHead(messages, i))
  const instructions = head.flatMap(message => (message.role === 'system' ? message.content : []))
  const body = plainRequest({ ...request, messages: messages.slice(head.length) })
  return levelled({
    ...Object(body),
    protocol: undefined,
    maxTokens: undefined,
    instructions: instructions.map(part => part.text),
    reasoning: levelledReasoning(reasoning),
    output: output?.type === 'json-schema' ? { schema: output.schema } : output,
  })
}

function levelledReasoning(settings: ModelRequest['reasoning']): unknown {
  if (settings?.mode === 'off') return undefined
  if (settings?.mode !== 'adaptive' || settings.effort === undefined) return settings
  return { ...settings, mode: undefined }
}

function levelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(levelled)
  if (typeof value !== 'object' || value === null) return value
  const isFile = 'type' in value && value.type === 'document'
  const isLeftOut = (key: string, inner: unknown) =>
    inner === undefined ||
    key === 'cache' ||
    (isFile && key === 'name') ||
    (key === 'properties' && JSON.stringify(inner) === '{}')
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !isLeftOut(key, inner))
      .map(([key, inner]) => [
        key,
        key === 'type' && inner === 'refusal' ? 'text' : levelled(inner),
      ]),
  )
}

function isHead(messages: readonly Message[], index: number): boolean {
  return messages.slice(0, index).every(({ role }) => role === 'system')
}
