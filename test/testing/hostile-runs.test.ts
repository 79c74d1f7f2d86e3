import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { runTools, tool } from '../../src/index.ts'
import { HostileFailure, type HostilePlan, type HostileRun, tryHostile } from '../../src/testing.ts'

const city = tool({
  name: 'weather',
  input: {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 1 },
      unit: { enum: ['C', 'F'] },
      days: { type: 'integer', minimum: 1, maximum: 9 },
      at: { $ref: '#/$defs/point' },
    },
    required: ['city', 'at'],
    $defs: {
      point: {
        type: 'object',
        properties: { x: { type: 'number' }, y: { anyOf: [{ type: 'number' }, { type: 'null' }] } },
        required: ['x'],
      },
    },
  },
  run: () => 'sunny',
})

/** What a client of a vendor's own, written in a hurry, makes of an answer. */
async function hasty({ at, signal }: HostileRun): Promise<void> {
  const client = new OpenAI({ apiKey: at.key, baseURL: at.baseUrl, maxRetries: 0 })
  const { name, parameters } = city
  const answer = await client.chat.completions.create(
    {
      model: at.model,
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ type: 'function', function: { name, parameters: { ...parameters } } }],
    },
    { signal },
  )
  for (const call of answer.choices[0]?.message.tool_calls ?? [])
    if (call.type === 'function') JSON.parse(call.function.arguments)
}

async function failureOf(work: Promise<void>): Promise<HostileFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof HostileFailure) return error
  throw new Error(`it did not fail as it should: ${error}`)
}

describe('a hostile model of a seed [T7]', () => {
  it('does the same again, and something else for another seed', async () => {
    const played = async (seed: number): Promise<HostilePlan[]> => {
      const plans: HostilePlan[] = []
      await tryHostile({ tools: [city], runs: 20, seed }, ({ plan }) => {
        plans.push(plan)
      })
      return plans
    }
    const [one, again, other] = [await played(1), await played(1), await played(2)]
    expect(again).toEqual(one)
    expect(other).not.toEqual(one)
    expect(JSON.parse(JSON.stringify(one))).toEqual(one)
  })

  it('makes calls that keep the schema among others of every kind', async () => {
    const outcomes = new Map<string, number>()
    await tryHostile({ tools: [city], runs: 60, faults: false }, async ({ at, signal }) => {
      const { calls } = await runTools({ ...at, signal, prompt: 'hi', tools: [city] })
      for (const { outcome } of calls) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    })
    const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0)
    for (const [outcome, least] of [
      ['returned', 0.25],
      ['invalid', 0.25],
      ['unknown-tool', 0.05],
    ] as const)
      expect((outcomes.get(outcome) ?? 0) / total).toBeGreaterThan(least)
  })

  it('finds what a hasty program does not expect, and makes it small', async () => {
    const options = { tools: [city], protocols: ['openai-chat'], faults: false } as const
    const { plan, message, cause } = await failureOf(tryHostile(options, hasty))
    expect(cause).toBeInstanceOf(SyntaxError)
    // One call with arguments that are no JSON is enough.
    expect(plan.turns).toHaveLength(1)
    expect(plan.turns[0]?.calls).toHaveLength(1)
    expect(plan).toMatchObject({ stream: false, tail: 'answer', heedless: false })
    expect(message).toContain(JSON.stringify(plan))
    const again = await failureOf(tryHostile({ ...options, plan, shrinkMs: 0 }, hasty))
    expect(again.plan).toEqual(plan)
    expect(again.message).toMatch(/^the plan fails: .*JSON/)
  })

  it('does not pass for want of runs', async () => {
    for (const [options, place] of [
      [{ runs: 0 }, 'runs'],
      [{ runs: Number.NaN }, 'runs'],
      [{ protocols: [] }, 'protocols'],
    ] as const)
      await expect(tryHostile({ tools: [], ...options }, () => {})).rejects.toThrow(place)
  })

  it('gives up a program that never ends, and tells it so', async () => {
    let told: unknown
    const options = { tools: [], runs: 1, ms: 20, shrinkMs: 0 }
    const failure = await failureOf(
      tryHostile(options, ({ signal }) => {
        signal.addEventListener('abort', () => {
          told = signal.reason
        })
        return new Promise(() => {})
      }),
    )
    expect(failure.message).toMatch(/^run 0 of seed 1 fails: it did not end within 20 ms\n/)
    expect(String(told)).toContain('20 ms')
  })
})
