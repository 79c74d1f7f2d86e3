import { isToolgateError } from '../core/error.ts'
import type { ModelRequest } from '../core/request.ts'
import type { Usage } from '../core/response.ts'
import { RunEnding } from './ending.ts'
import type { TraceValue } from './trace-api.ts'

type Attributes = { [name: string]: TraceValue }

/** Where the model is asked. */
export function serverOf(baseUrl: string): Attributes {
  const { hostname, port, protocol } = new URL(baseUrl)
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  return { 'server.address': hostname, 'server.port': number }
}

/** What a question asks for, apart from its words. */
export function settingsOf(request: ModelRequest): Attributes {
  const { maxTokens, temperature, topP, stop, seed, stream, output } = request
  return {
    'gen_ai.request.stream': stream,
    ...(maxTokens === undefined ? {} : { 'gen_ai.request.max_tokens': maxTokens }),
    ...(temperature === undefined ? {} : { 'gen_ai.request.temperature': temperature }),
    ...(topP === undefined ? {} : { 'gen_ai.request.top_p': topP }),
    ...(seed === undefined ? {} : { 'gen_ai.request.seed': seed }),
    ...(stop === undefined ? {} : { 'gen_ai.request.stop_sequences': [...stop] }),
    ...(output === undefined ? {} : { 'gen_ai.output.type': 'json' }),
  }
}

/** Tokens; nothing where nobody has counted them. */
export function usageOf(usage: Usage | undefined): Attributes {
  if (!usage) return {}
  const { input, output, cached, cacheWrite, reasoning } = usage
  return {
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    ...(cached ? { 'gen_ai.usage.cache_read.input_tokens': cached } : {}),
    ...(cacheWrite ? { 'gen_ai.usage.cache_creation.input_tokens': cacheWrite } : {}),
    ...(reasoning ? { 'gen_ai.usage.reasoning.output_tokens': reasoning } : {}),
  }
}

/** Tokens of two answers together. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (!one || !other) return one ?? other
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cached: (one.cached ?? 0) + (other.cached ?? 0),
    cacheWrite: (one.cacheWrite ?? 0) + (other.cacheWrite ?? 0),
    reasoning: (one.reasoning ?? 0) + (other.reasoning ?? 0),
  }
}

/**
 * What was thrown, as a word of low variety: how a run ended, the code of an error of the house, else
 * its class; and `_OTHER`, as the conventions want it, where it has none.
 */
export function errorType(error: unknown): string {
  try {
    if (error instanceof RunEnding) return error.ended
    if (isToolgateError(error)) return error.code
    // A name that is no identifier is no class, and may be anything that was said.
    return error instanceof Error && /^[\w$.]{1,80}$/.test(error.name) ? error.name : '_OTHER'
  } catch {
    return '_OTHER'
  }
}
