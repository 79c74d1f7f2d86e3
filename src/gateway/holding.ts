import { isObject, type Json, type JsonObject } from '../core/json.ts'
import type { HeldAnswers, HeldAsked, HeldPage } from '../protocols/held-answers.ts'
import type { Resolver } from '../providers/index.ts'
import type { Conversations, HeldRecord } from '../store/conversations.ts'
import { stringifyJson, tryParseJson } from '../wire/json.ts'
import { SseParser } from '../wire/sse.ts'
import type { ClientCall } from './call.ts'
import type { Plan } from './exchange.ts'
import { newId } from './ids.ts'
import type { Pump } from './pump.ts'

/** Takes an answer that is to be held, as its client gets it. */
export interface Keeper {
  /** The id of the answer that it goes on from. */
  readonly from?: string
  /** Takes a whole answer, before its client has it. */
  whole(plan: Plan, text: string): void
  /** Takes a stream, text by text. */
  stream(plan: Plan): (out: Buffer | string) => void
}

/** What is asked of an answer that is held. */
export interface HeldQuestion {
  readonly id: string
  readonly what: 'get' | 'delete' | 'items' | 'cancel'
  /** The name of the client's key; empty without keys. */
  readonly tenant: string
  /** Whether the answer is to be streamed again. */
  readonly stream: boolean
  readonly page: HeldPage
}

/** What a request leans on. */
interface Ground {
  /** The answers before it, the oldest first; `undefined` if they are not all there. */
  readonly chain: readonly HeldRecord[] | undefined
  readonly found: ReadonlyMap<string, JsonObject>
  /** The accounts whose vendors hold it too, one for each answer that the request names. */
  readonly accounts: readonly (string | undefined)[]
}

/** Holds answers for clients of protocols that leave the conversation with the server. */
export class Holding {
  readonly #conversations: Conversations
  readonly #resolver: Resolver

  constructor(conversations: Conversations, resolver: Resolver) {
    this.#conversations = conversations
    this.#resolver = resolver
  }

  /**
   * Makes a request whole that goes on from an answer held here, and sees to it that its own answer
   * is held. Where the vendor holds the conversation itself, or nobody here does, the request stays
   * as it is.
   */
  async prepare(given: ClientCall): Promise<ClientCall> {
    let call = given
    const { held } = call.front
    if (!held || call.operation !== 'create') return call
    const wire = tryParseJson(call.body.toString('utf8'))
    if (!isObject(wire)) return call
    const asked = held.asked(wire)
    const tenant = call.client ?? ''
    const ground = await this.#ground(held, tenant, asked.from, asked.references)
    const { chain, found } = ground
    const whole = () => Buffer.from(stringifyJson(held.whole(wire, before(held, chain), found)))
    if (!this.#isWithVendor(call, wire, ground)) call = { ...call, body: whole() }
    else if (isAllHere(ground)) call = { ...call, whole }
    return asked.keep ? { ...call, keeper: this.#keeper(held, tenant, wire, asked) } : call
  }

  /** Answers a question about an answer that is held. @throws ToolgateError if it is not. */
  async answer(held: HeldAnswers, question: HeldQuestion): Promise<string> {
    const { id, what, tenant, stream, page } = question
    const record = await this.#conversations.find(tenant, id)
    if (!record) throw held.unknown(id)
    switch (what) {
      case 'get':
        if (stream) throw held.notStreamed()
        return record.body
      case 'cancel':
        throw held.over()
      case 'delete':
        await this.#conversations.drop(tenant, id)
        return stringifyJson(held.deleted(id))
      case 'items': {
        const chain = record.from && (await this.#conversations.chain(tenant, record.from))
        const items = [...before(held, chain || []), ...listIn(record.added)]
        return stringifyJson(held.list(items, page))
      }
    }
  }

  async #ground(
    held: HeldAnswers,
    tenant: string,
    from: string | undefined,
    references: readonly string[],
  ): Promise<Ground> {
    const chain = from === undefined ? [] : await this.#conversations.chain(tenant, from)
    const accounts = from === undefined ? [] : [chain?.at(-1)?.account]
    const found = new Map<string, JsonObject>()
    for (const id of references) {
      const answerId = await this.#conversations.answerOf(tenant, id)
      const record = answerId && (await this.#conversations.find(tenant, answerId))
      const items = record ? held.answerIn(parsed(record.body))?.items : undefined
      const item = items?.find(candidate => candidate['id'] === id)
      if (!record || !item) continue
      found.set(id, item)
      accounts.push(record.account)
    }
    return { chain, found, accounts }
  }

  /** Whether the vendor is to be asked in the client's own words. */
  #isWithVendor(call: ClientCall, wire: JsonObject, { chain, accounts }: Ground): boolean {
    if (!chain || accounts.length === 0) return true
    const name = typeof wire['model'] === 'string' ? wire['model'] : ''
    const account = this.#accountOf(name, call)
    return account !== undefined && accounts.every(holder => holder === account)
  }

  /** The account that serves a model in the client's own protocol. */
  #accountOf(name: string, call: ClientCall): string | undefined {
    try {
      const target = this.#resolver.resolve(name)
      const ways = [target, ...target.others]
      const own = ways.some(({ endpoint }) => endpoint.protocol === call.front.name)
      return own ? target.account.name : undefined
    } catch {
      // Whatever is wrong with the name is said when the exchange is planned.
      return undefined
    }
  }

  #keeper(
    held: HeldAnswers,
    tenant: string,
    wire: JsonObject,
    { from, partial }: HeldAsked,
  ): Keeper {
    const keep = (plan: Plan, text: string) => {
      const answer = held.answerIn(parsed(text))
      if (!answer) return
      const { account, endpoint } = plan.target
      const record: HeldRecord = {
        body: text,
        added: stringifyJson(held.added(wire, newId)),
        ...(from === undefined ? {} : { from }),
        ...(endpoint.protocol === plan.request?.protocol ? { account: account.name } : {}),
        ...(partial ? { partial } : {}),
      }
      const ids = answer.items.flatMap(({ id }) => (typeof id === 'string' ? [id] : []))
      // A store that fails loses an answer that the client has all the same.
      this.#conversations.keep(tenant, answer.id, record, ids).catch(() => {})
    }
    return {
      ...(from === undefined ? {} : { from }),
      whole: keep,
      stream(plan) {
        const parser = new SseParser()
        return out =>
          parser.push(out, event => {
            const body = held.bodyIn(event)
            if (body !== undefined) keep(plan, body)
          })
      },
    }
  }
}

/** Whether all that the vendor holds of a conversation is here too. */
function isAllHere({ chain, accounts }: Ground): boolean {
  return chain?.every(({ partial }) => !partial) === true && accounts.length > 0
}

/** A pump whose stream is held as well as written. */
export function keepingPump(pump: Pump, plan: Plan, keeper: Keeper | undefined): Pump {
  if (!keeper) return pump
  const take = keeper.stream(plan)
  const taken = <Out extends Buffer | string>(out: Out): Out => {
    take(out)
    return out
  }
  return {
    facts: pump.facts,
    push: chunk => taken(pump.push(chunk)),
    end: () => taken(pump.end()),
    fail: error => pump.fail(error),
    resume: () => pump.resume?.(),
    give: response => taken(pump.give?.(response) ?? ''),
    get again() {
      return pump.again
    },
    get losses() {
      return pump.losses ?? []
    },
    get over() {
      return pump.over === true
    },
    get error() {
      return pump.error
    },
  }
}

/** The conversation that answers stand for. */
function before(held: HeldAnswers, chain: readonly HeldRecord[] | undefined): JsonObject[] {
  return (chain ?? []).flatMap(({ body, added }) => [
    ...listIn(added),
    ...(held.answerIn(parsed(body))?.items ?? []),
  ])
}

function listIn(text: string): JsonObject[] {
  const list = parsed(text)
  return Array.isArray(list) ? list.filter(isObject) : []
}

function parsed(text: string): Json {
  return tryParseJson(text) ?? null
}
