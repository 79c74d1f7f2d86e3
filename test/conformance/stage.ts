import { expect } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type Answer, type Ask, ENDS, Refused } from '../../src/conformance/ask.ts'
import { CLIENTS } from '../../src/conformance/clients/index.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { Fault } from '../../src/twins/faults.ts'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { type Backing, type Case, type Cell, inCell, type Step } from './case.ts'

/** The model that stands for a vendor's protocol. */
export const MODELS: { readonly [B in Backing]: string } = {
  'openai-chat': 'gpt-4o',
  'openai-responses': 'gpt-4o',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-3-flash-preview',
  converse: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
}

const ACCOUNTS: { readonly [B in Backing]: string } = {
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  anthropic: 'anthropic',
  gemini: 'google',
  converse: 'converse',
}

/** Which of the twins speaks a protocol. */
const TWINS: { readonly [B in Backing]: number } = {
  'openai-chat': 0,
  'openai-responses': 0,
  anthropic: 1,
  gemini: 2,
  converse: 3,
}

/** A model that plays one turn at a time, and keeps what it was asked. */
class Play implements TwinModel {
  readonly name = 'play'
  seen: TwinPrompt[] = []
  turn: TwinTurn = { blocks: [] }
  /** What is said when the gateway asks again at once. Default: the same. */
  next: TwinTurn | undefined
  answer(prompt: TwinPrompt): TwinTurn {
    this.seen.push(prompt)
    const { turn } = this
    this.turn = this.next ?? turn
    return turn
  }
}

/** How the vendors cut the bytes of their answers. */
export type Chunk = 'random' | 'byte'

/** A gateway before a twin of each vendor, which all say what the case has them say. */
export class Stage {
  readonly #play: Play
  readonly #gateway: RunningGateway
  readonly #twins: readonly Twin[]

  private constructor(play: Play, gateway: RunningGateway, twins: readonly Twin[]) {
    this.#play = play
    this.#gateway = gateway
    this.#twins = twins
  }

  /** Builds a stage; close it when done. */
  static async build(chunk: Chunk): Promise<Stage> {
    const play = new Play()
    const twins = await Promise.all(
      ['openai', 'anthropic', 'google', 'bedrock'].map(name => {
        const vendor = TWIN_VENDORS[name]
        if (!vendor) throw new Error(`no twin of ${name}`)
        return startTwin({ vendor, model: play, seed: 7, transport: { chunk } })
      }),
    )
    const [openai, anthropic, google, bedrock = ''] = twins.map(twin => twin.url)
    const config = loadConfig(
      { port: '0', log: 'silent', rehearsal: false },
      {
        ANTHROPIC_API_KEY: 'sk-test',
        ANTHROPIC_BASE_URL: anthropic,
        GEMINI_API_KEY: 'sk-test',
        GOOGLE_GEMINI_BASE_URL: `${google}/v1beta`,
      },
    )
    // OpenAI speaks two protocols: an account for each, so that the gateway has no choice.
    const pinned = (['openai-chat', 'openai-responses'] as const).map(protocol => ({
      ...{ name: protocol, provider: 'openai', protocol },
      ...{ baseUrl: `${openai}/v1`, key: 'sk-test', source: 'the test' },
    }))
    // Claude would go by invoke, in Messages.
    const converse = {
      ...{ name: 'converse', provider: 'bedrock', protocol: 'converse' as const },
      ...{ baseUrl: bedrock, key: 'sk-test', source: 'the test' },
    }
    const accounts = [...config.accounts, ...pinned, converse]
    const gateway = await startGateway({ ...config, accounts })
    return new Stage(play, gateway, twins)
  }

  /** Where the gateway is. */
  get url(): string {
    return this.#gateway.url
  }

  /** Plays a case in a cell; throws where something is not as the case says. */
  async perform(row: Case, cell: Cell): Promise<void> {
    const answers: Answer[] = []
    for (const step of row.steps) {
      const answer = await this.#step(row, step, cell, answers)
      if (answer) answers.push(answer)
    }
  }

  async #step(
    row: Case,
    step: Step,
    cell: Cell,
    answers: readonly Answer[],
  ): Promise<Answer | undefined> {
    const play = this.#play
    play.turn = inCell(step.turn, cell)
    play.next = undefined
    play.seen = []
    const vendor = step.vendor === undefined ? cell.back : inCell(step.vendor, cell)
    const model = `${ACCOUNTS[vendor]}/${row.models?.[vendor] ?? MODELS[vendor]}`
    const refused = inCell(step.refused, cell)
    const asked = this.ask(cell, model, step.ask(answers, cell))
    if (refused) {
      await this.#refusal(asked, refused, cell)
      return undefined
    }
    const answer = await asked
    const [seen, ...more] = play.seen
    expect(more, 'the vendor was asked once').toEqual([])
    if (!seen) throw new Error('the vendor was not asked')
    step.seen?.(seen, cell)
    step.wire?.(this.#twin(vendor).requests.at(-1)?.body, cell)
    check(answer, step, cell)
    return answer
  }

  /** Has a vendor misbehave at its next answer. */
  spoil(vendor: Backing, fault: Fault): void {
    this.#twin(vendor).faults.add(fault)
  }

  /**
   * Has the vendor's model say a turn to a client's question, and `next` if the gateway asks again;
   * what each side got.
   */
  async turn(
    cell: Cell,
    turn: TwinTurn,
    ask: Ask,
    model = MODELS[cell.back],
    next?: TwinTurn,
  ): Promise<{ readonly answer: Answer; readonly seen: TwinPrompt }> {
    this.#play.turn = turn
    this.#play.next = next
    this.#play.seen = []
    const answer = await this.ask(cell, `${ACCOUNTS[cell.back]}/${model}`, ask)
    const [seen] = this.#play.seen
    if (!seen) throw new Error('the vendor was not asked')
    return { answer, seen }
  }

  #twin(vendor: Backing): Twin {
    const twin = this.#twins[TWINS[vendor]]
    if (!twin) throw new Error(`no twin of ${vendor}`)
    return twin
  }

  /** Asks as a client of the cell's protocol does. */
  ask(cell: Cell, model: string, ask: Ask): Promise<Answer> {
    const door = { base: this.#gateway.url, key: 'test' }
    return CLIENTS[cell.front].ask(door, model, ask, cell.stream)
  }

  async #refusal(asked: Promise<Answer>, words: RegExp, { front }: Cell): Promise<void> {
    const error: unknown = await asked.then(
      () => new Error('it was not refused'),
      thrown => thrown,
    )
    if (!(error instanceof Refused)) throw error
    expect(error.status).toBe(400)
    expect(CLIENTS[front].errorText(error.body)).toMatch(words)
    expect(this.#play.seen, 'the vendor is not asked').toEqual([])
  }

  /** Closes the gateway and the twins. */
  async close(): Promise<void> {
    await this.#gateway.close()
    await Promise.all(this.#twins.map(twin => twin.close()))
  }
}

function check(answer: Answer, step: Step, cell: Cell): void {
  const wanted = inCell(step.blocks, cell)
  expect(answer.blocks).toMatchObject(wanted)
  expect(answer.blocks).toHaveLength(wanted.length)
  expect(answer.end).toBe(endWord(step, cell))
  if (step.usage) expect(answer.usage).toEqual(step.usage)
  // A prompt that was blocked has no output.
  if (wanted.length > 0) expect(answer.usage.output).toBeGreaterThan(0)
  const losses = inCell(step.losses, cell)
  if (losses === undefined) expect(answer.headers['toolgate-losses']).toBeUndefined()
  else expect(answer.headers['toolgate-losses']).toMatch(losses)
}

function endWord(step: Step, cell: Cell): string {
  const end = inCell(step.end, cell)
  const words: Readonly<Record<string, string>> = ENDS[cell.front]
  return words[end] ?? end
}
