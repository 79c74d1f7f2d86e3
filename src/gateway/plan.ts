import { ToolgateError } from '../core/error.ts'
import { isObject, type Json } from '../core/json.ts'
import type { Loss } from '../core/loss.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Building } from '../protocols/kept-fields.ts'
import type { Back } from '../protocols/protocol.ts'
import type { ResolvedModel, Resolver } from '../providers/index.ts'
import type { Vault } from '../store/vault.ts'
import { jsonBytes, parseJson } from '../wire/json.ts'
import * as read from '../wire/read.ts'
import { SharedLists } from '../wire/shared-list.ts'
import { askAgain } from './ask-again.ts'
import { liftState } from './call-state.ts'
import { checkConversation, repairConversation } from './conversation.ts'
import { planTranslatedCount } from './count.ts'
import type { ClientRequest, Plan } from './exchange.ts'
import { ExchangeGuard } from './exchange-guard.ts'
import { fitRequest } from './fit.ts'
import { guardRequest } from './guard-request.ts'
import type { GuardRules } from './guard-rules.ts'
import { lossesOfBound, placed, refuseLosses } from './losses.ts'
import { hasForeignState, Recall, usesState } from './recall.ts'
import { RequestOrigins } from './request-origins.ts'
import { chooseEndpoint, mustStopReasoning } from './route.ts'
import { spliceModel } from './splice.ts'
import { addressOf, backOf, hasModelInPath, type VendorOperation } from './target.ts'
import {
  type BrokenCall,
  NO_VALIDATION,
  type ValidatePolicy,
  type Validation,
  validationFor,
} from './validate-calls.ts'
import { fittingQuirks, rescueReading, wordTools } from './worded.ts'

/** What the gateway does with a request, beyond carrying it. */
export interface Policy {
  /** Refuse what cannot be carried without a change of meaning. Default false. */
  readonly strict: boolean
  /** Mend conversations that would be refused. Default false. */
  readonly repair: boolean
  /** What is done with calls that break their schema. Default: they pass. */
  readonly validate?: ValidatePolicy
}

/** What planning needs to know of the house. */
export interface PlanContext {
  readonly resolver: Resolver
  readonly policy: Policy
  /** Where the state of calls is kept. Absent: nowhere. */
  readonly vault?: Vault
  /** What requests and answers are held to. Absent: nothing. */
  readonly guardrails?: GuardRules
}

/** All protocols have their tools under this key of the root. */
const lists = new SharedLists('tools')

/**
 * Reads a request, finds its model, checks the conversation, and writes the vendor's request. It is
 * done at once, unless a store outside this process has to be asked for the state of calls, or a
 * guardrail needs time.
 *
 * @throws ToolgateError for whatever is wrong with it, before anything was sent.
 */
export function planExchange(client: ClientRequest, context: PlanContext): Plan | Promise<Plan> {
  const wire = lists.parse(client.body.toString('utf8'))
  if (client.operation === 'count-tokens') return planCount(client, wire, context)
  const asked = decoded(client, wire)
  const target = chooseEndpoint(asked, context.resolver.resolve(asked.model))
  const back = backOf(target)

  const policy = policyOf(client, context.policy)
  const repaired = policy.repair ? repairConversation(asked) : undefined
  const checked = repaired?.request ?? asked
  checkConversation(checked, client.front)

  const validation = validationFor(
    {
      header: client.headers['toolgate-validate'],
      client: client.client,
      models: [target.name, target.model],
    },
    checked,
    context.policy.validate ?? NO_VALIDATION,
  )
  const guard = guardFor(client, target, context)
  const checkedRequest: CheckedRequest = {
    client,
    wire,
    asked,
    target,
    back,
    policy,
    repairs: repaired?.losses ?? [],
    validation,
    guard,
  }
  if (!guard) return recallPlan(checkedRequest, checked, context)
  refuseChoices(asked)
  const guarded = guardRequest(checked, guard)
  return guarded instanceof Promise
    ? guarded.then(request => recallPlan(checkedRequest, request, context))
    : recallPlan(checkedRequest, guarded, context)
}

function decoded(client: ClientRequest, wire: Json): ModelRequest {
  return client.front.decodeRequest(wire, {
    headers: client.headers,
    ...(client.model === undefined ? {} : { model: client.model }),
    ...(client.stream === undefined ? {} : { stream: client.stream }),
  })
}

/** Puts the state of calls back, and writes the vendor's request. */
function recallPlan(
  checkedRequest: CheckedRequest,
  checked: ModelRequest,
  context: PlanContext,
): Plan | Promise<Plan> {
  const { client, asked, target, back, guard } = checkedRequest
  if (guard) guard.origins = new RequestOrigins(checked, back, wholeOf(client))
  const lifted = liftState(checked, target.quirks.reasoningDetails)
  // A client of the vendor's own protocol keeps the state itself, as the vendor asks of it.
  const isOwn = back.stateFamily !== undefined && back.name === client.front.name
  const recall =
    context.vault && !isOwn && usesState(back, target, asked)
      ? new Recall(context.vault, client.client ?? '', target)
      : undefined
  const whole = recall?.putBack(lifted) ?? lifted
  return whole instanceof Promise
    ? whole.then(request => finishPlan(checkedRequest, request, recall))
    : finishPlan(checkedRequest, whole, recall)
}

/** The request with all that the vendor holds of the conversation, if that is held here too. */
function wholeOf(client: ClientRequest): (() => ModelRequest) | undefined {
  const { whole } = client
  return whole && (() => decoded(client, parseJson(whole().toString('utf8'))))
}

/** A request that was read and checked. */
interface CheckedRequest {
  readonly client: ClientRequest
  readonly wire: Json
  readonly asked: ModelRequest
  readonly target: ResolvedModel
  readonly back: Back
  readonly policy: Policy
  readonly repairs: readonly Loss[]
  readonly validation: Validation | undefined
  readonly guard: ExchangeGuard | undefined
}

/** Writes the vendor's request, with the state of calls where it belongs. */
function finishPlan(
  checkedRequest: CheckedRequest,
  whole: ModelRequest,
  recall: Recall | undefined,
): Plan {
  const { client, wire, asked, target, back, policy, repairs, validation, guard } = checkedRequest
  const fitted = fitRequest(sentFor(whole, guard), back, fittingQuirks(target.quirks))
  const worded = wordTools(fitted.request, target.quirks)
  const { reading } = worded
  const rescue = rescueReading(worded.request, target.quirks)
  const unheld = placed(validation?.losses ?? [], client.front, wire)
  const untouched =
    worded.request === asked &&
    !guard &&
    back.name === client.front.name &&
    !reading &&
    !hasForeignState(asked, back, target)
  if (untouched && !client.list && isNative(target) && !mustRewrite(asked, target)) {
    const body = bodyFor(client, target, asked.model)
    if (body) {
      const plan = directPlan(client, target, back, asked, body, unheld)
      return held(plan, fitted.request, validation)
    }
  }
  const encoded = back.encodeRequest(asksOf(worded.request, target), target.quirks)
  const bound =
    back.name === client.front.name ? [] : lossesOfBound(asked.bound, target.provider.title)
  const before = guard ? [...repairs, ...guard.takeLosses()] : repairs
  const losses = joined(
    unheld,
    placed(before, client.front, wire),
    bound,
    placed(joined(fitted.losses, worded.losses, encoded.losses), client.front, wire),
  )
  if (policy.strict) refuseLosses(losses)
  const address = addressOf(target, operationOf(fitted.request))
  const headers = { ...address.headers }
  // But for the guardrails its bytes would have passed.
  if (guard && back.name === client.front.name) protocolHeaders(client, headers)
  Object.assign(headers, encoded.headers)
  // Written field by field: spreading a plan costs as much as reading a small request.
  const plan: Building<Plan> = {
    target,
    back,
    request: asked,
    stream: asked.stream,
    direct: false,
    losses,
    undo: fitted.undo,
    call: { origin: address.origin, path: address.path, headers, body: jsonBytes(encoded.body) },
  }
  if (reading) plan.reading = reading
  if (rescue) plan.rescue = rescue
  if (recall) plan.recall = recall
  if (guard) plan.guard = guard
  return held(plan, fitted.request, validation)
}

/**
 * A plan whose answer's calls are held to their schemas, or whose turn may be paused: its bytes
 * cannot pass unread, and the model may have to be asked again.
 */
function held(plan: Building<Plan>, sent: ModelRequest, validation: Validation | undefined): Plan {
  const { target, back, request } = plan
  // A client of the vendor's own protocol goes on with a paused turn itself.
  const pauses = back.pauses === true && request?.protocol !== back.name && !plan.reading
  if (!validation && !pauses) return plan
  const again = (response: ModelResponse, broken: readonly BrokenCall[]): Plan => {
    const next = askAgain(sent, response, broken)
    const worded = wordTools(next, target.quirks)
    const encoded = back.encodeRequest(asksOf(worded.request, target), target.quirks)
    const headers = { ...plan.call.headers, ...encoded.headers }
    const call = { ...plan.call, headers, body: jsonBytes(encoded.body) }
    // A paused turn comes back whole each time, so the next plan starts where this one did.
    return broken.length === 0 ? { ...plan, call } : held({ ...plan, call }, next, validation)
  }
  plan.pauses = pauses
  plan.direct = false
  if (validation) plan.validation = validation
  if (pauses || validation?.mode === 'retry') plan.again = again
  return plan
}

function directPlan(
  client: ClientRequest,
  target: ResolvedModel,
  back: Back,
  request: ModelRequest | undefined,
  body: Buffer,
  losses: readonly Loss[] = [],
): Plan {
  const address = addressOf(target, operationOf(request))
  const headers = protocolHeaders(client, { ...address.headers })
  return {
    target,
    back,
    request,
    stream: request?.stream ?? false,
    direct: true,
    losses,
    undo: undefined,
    call: { origin: address.origin, path: address.path, headers, body },
  }
}

/** Adds the client's headers that mean something to a vendor of its protocol. */
function protocolHeaders(
  client: ClientRequest,
  headers: Record<string, string>,
): Record<string, string> {
  for (const name of client.front.requestHeaders) {
    const value = client.headers[name]
    if (value !== undefined) headers[name] = value
  }
  return headers
}

/** What the vendor is asked for: without a request, only its tokens are counted. */
function operationOf(request: ModelRequest | undefined): VendorOperation {
  if (!request) return 'countTokens'
  return request.stream ? 'createStream' : 'create'
}

/** The client's own bytes with the vendor's name of the model, if that can be put in. */
function bodyFor(client: ClientRequest, target: ResolvedModel, asked: string): Buffer | undefined {
  if (target.model === asked || hasModelInPath(target)) return client.body
  return spliceModel(client.body, target.model)
}

/** Tokens are counted by the vendor that has such a thing. */
function planCount(client: ClientRequest, wire: Json, context: PlanContext): Plan | Promise<Plan> {
  const name = client.model ?? read.string(read.asObject(wire), 'model')
  const target = context.resolver.resolve(name)
  const back = backOf(target)
  const body = bodyFor(client, target, name)
  const guard = guardFor(client, target, context)
  const same = back.name === client.front.name && target.quirks.nativeTools !== false
  if (!same || guard || !target.endpoint.paths.countTokens || !body) {
    const plan = planTranslatedCount(client, wire, target, back, guard)
    if (plan) return plan
    throw new ToolgateError('not_found', `${target.provider.title} does not count tokens.`, {
      details: { path: ['model'], names: [name] },
    })
  }
  return directPlan(client, target, back, undefined, body)
}

function guardFor(
  client: ClientRequest,
  target: ResolvedModel,
  { guardrails }: PlanContext,
): ExchangeGuard | undefined {
  const rules = guardrails?.for(client.client, [target.name, target.model])
  return rules && new ExchangeGuard(rules, client.requestId, client.client)
}

/** A request as the vendor gets it: an answer that has to be whole before its check is asked for so. */
function sentFor(request: ModelRequest, guard: ExchangeGuard | undefined): ModelRequest {
  return guard?.rules.holdsAnswers && request.stream ? { ...request, stream: false } : request
}

/** Where answers are guarded, only what is decoded can be given out: one choice. */
function refuseChoices({ bound }: ModelRequest): void {
  const field = bound.find(({ path }) => /^n$|candidateCount$/.test(path))
  if (!field) return
  const text = `'${field.path}' must be 1: guardrails look at one answer.`
  throw new ToolgateError('unsupported', text, { details: { path: field.path.split('.') } })
}

/** Whether the endpoint speaks its protocol with no difference at all. */
function isNative(target: ResolvedModel): boolean {
  const quirks = target.endpoint.quirks
  return quirks === undefined || Object.keys(quirks).length === 0
}

/** What the client's words do not say: which model it is, and what its name tells of reasoning. */
function asksOf(request: ModelRequest, target: ResolvedModel): ModelRequest {
  const { model, reasoning } = target
  return request.reasoning || !reasoning ? { ...request, model } : { ...request, model, reasoning }
}

/** Lists as one; nearly always all of them are empty. */
function joined(...lists: readonly (readonly Loss[])[]): readonly Loss[] {
  const [only, ...others] = lists.filter(list => list.length > 0)
  return others.length === 0 ? (only ?? []) : [...(only ?? []), ...others.flat()]
}

/** Whether the client's own bytes would be refused, or mean another model, and the encoder can help. */
function mustRewrite(request: ModelRequest, target: ResolvedModel): boolean {
  if (request.mustEncode || (target.reasoning && !request.reasoning)) return true
  return mustStopReasoning(request, target)
}

function policyOf(client: ClientRequest, standing: Policy): Policy {
  return {
    strict: switched(client.headers['toolgate-strict'], 'toolgate-strict') ?? standing.strict,
    repair: switched(client.headers['toolgate-repair'], 'toolgate-repair') ?? standing.repair,
  }
}

function switched(value: string | undefined, name: string): boolean | undefined {
  if (value === undefined) return undefined
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new ToolgateError('invalid_value', `Header ${name} must be 'true' or 'false'.`, {
    details: { path: [name], why: "must be 'true' or 'false'" },
  })
}

/** The model's name in a body that may be broken, for the log of a refused request. */
export function modelNameIn(body: Buffer): string | undefined {
  try {
    const wire: Json = JSON.parse(body.toString('utf8'))
    return isObject(wire) && typeof wire.model === 'string' ? wire.model.slice(0, 200) : undefined
  } catch {
    return undefined
  }
}
