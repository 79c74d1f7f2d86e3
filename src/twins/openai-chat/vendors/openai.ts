import type { Random } from '../../random.ts'
import { hex } from '../dress.ts'
import { familyOf } from '../families.ts'
import type { FailureWords, Manners, Reword } from '../manners.ts'
import { type Refusal, type Report, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { requestFields } from '../request-fields.ts'
import { checkContentPresent, checkOrder, checkPartPlaces, checkRoles } from '../rules-messages.ts'
import {
  checkDeniedParameters,
  checkEffort,
  checkJsonWord,
  checkModel,
  checkStreamOptions,
  checkTemperature,
  checkTokenLimits,
  checkToolsWithReasoning,
  checkWebSearch,
} from '../rules-openai.ts'
import {
  checkChoiceHasTools,
  checkChoiceShape,
  checkFunctionCall,
  checkNamedTool,
  checkParameters,
  checkResponseSchema,
} from '../rules-tools.ts'
import { openaiDress } from './openai-dress.ts'

/** OpenAI itself; `models` are names that it serves besides those that `isKnownModel` knows. */
export function openai(models: readonly string[] = []): Manners {
  return {
    name: 'openai',
    prefixes: ['/v1', ''],
    needsKey: true,
    models: { listed: LISTED, ownedBy: 'system' },
    fields: requestFields,
    reading: { unknown: 'refused', nulls: 'typed' },
    functions: true,
    check: (request, report) => checkOpenai(request, models, report),
    words: { 'unknown-argument': unknownArgument },
    envelope: envelopeOf,
    failures: FAILURES,
    // Its models think out of sight; Chat Completions never shows it.
    thinks: () => false,
    countsUnseen: request => familyOf(request.model).reasons,
    dress: openaiDress,
    headers,
    streamType: 'text/event-stream; charset=utf-8',
    indent: 2,
  }
}

const LISTED = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-4.1-nano',
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-nano',
  'gpt-5.1',
  'gpt-5.2',
  'gpt-5.4',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'o3',
  'o3-mini',
  'o4-mini',
]

/** The error object that most vendors copied (openai-node 6.49 types, 2026-07). */
export function envelopeOf({ message, type, param, code, extra }: Refusal): Body {
  return { error: { message, type, param, code, ...extra } }
}

function checkOpenai(request: ChatRequest, models: readonly string[], report: Report): void {
  const family = familyOf(request.model)
  checkModel(request, model => models.includes(model), report)
  checkRoles(request, family.deniedRoles, report)
  checkTokenLimits(request, family, report)
  checkEffort(request, family, report)
  checkDeniedParameters(request, family, report)
  checkTemperature(request, family, report)
  checkWebSearch(request, family, report)
  checkStreamOptions(request, report)
  checkChoiceHasTools(request, report)
  checkChoiceShape(request, report)
  checkFunctionCall(request, report)
  checkNamedTool(request, report)
  checkParameters(request, family.strict, report)
  checkToolsWithReasoning(request, family, report)
  checkResponseSchema(request, family.strict, report)
  checkContentPresent(request, report)
  checkPartPlaces(request, family.hears, report)
  checkOrder(request, report)
  checkJsonWord(request, report)
}

/**
 * Models that do not reason are told of unknown parameters in older words, all at once (issues
 * langchain_dart #712 and coroot #698 for gpt-4o, azure-docs #118117 for several; the newer words
 * in open-responses-server #41 for o4-mini). That the model decides is an inference from these.
 */
const unknownArgument: Reword = (found, body) => {
  if (typeof body.model === 'string' && familyOf(body.model).reasons) return found
  if (found.param === null) return found
  const names = Object.keys(body).filter(name => !Object.hasOwn(requestFields, name))
  const text = `Unrecognized request argument${names.length > 1 ? 's' : ''} supplied: ${names.join(', ')}`
  return refusal('unknown-argument', [], text)
}

const FAILURES: { readonly [status: number]: FailureWords } = {
  401: {
    message:
      'Incorrect API key provided: sk-*****0000. You can find your API key at https://platform.openai.com/account/api-keys.',
    code: 'invalid_api_key',
  },
  403: {
    message: 'Country, region, or territory not supported',
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
  },
  429: {
    message:
      'Rate limit reached for requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 1s. Visit https://platform.openai.com/account/rate-limits to learn more.',
    type: 'requests',
    code: 'rate_limit_exceeded',
  },
  500: {
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
  },
  502: { message: 'Bad gateway.', type: 'cf_bad_gateway', code: 502 },
  503: {
    message:
      'The server is currently overloaded with other requests. Sorry about that! You can retry your request, or contact us through our help center at help.openai.com if the error persists.',
    type: 'server_error',
  },
  504: { message: 'Gateway timeout.', type: 'cf_gateway_timeout', code: 504 },
}

/** Recorded 2025 and 2026; early errors come from before the rate limiter. */
function headers(kind: Parameters<Manners['headers']>[0], random: Random): Record<string, string> {
  const id = { 'x-request-id': `req_${hex(random, 32)}` }
  if (kind === 'early-error') return { 'content-type': 'application/json; charset=utf-8', ...id }
  return {
    ...id,
    'openai-organization': 'twin-organization',
    'openai-processing-ms': String(200 + random.below(1800)),
    'openai-project': 'proj_twin',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '5000',
    'x-ratelimit-limit-tokens': '800000',
    'x-ratelimit-remaining-requests': '4999',
    'x-ratelimit-remaining-tokens': '799900',
    'x-ratelimit-reset-requests': '12ms',
    'x-ratelimit-reset-tokens': '7ms',
  }
}
