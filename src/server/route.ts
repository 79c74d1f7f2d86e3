import type { ProtocolName } from '../core/extras.ts'

/** What a path asks for. `front` is the protocol whose words the answer, or the error, is in. */
export type Route =
  | {
      readonly kind: 'exchange'
      readonly front: ProtocolName
      readonly operation: 'create' | 'count-tokens'
      /** Where the path says them. */
      readonly model?: string
      readonly stream?: boolean
    }
  | { readonly kind: 'models'; readonly front: ProtocolName; readonly id?: string }
  /** An answer that is held, or the list of what led to it, or the order to stop it. */
  | {
      readonly kind: 'held'
      readonly front: ProtocolName
      readonly id: string
      readonly part?: 'items' | 'cancel'
    }
  | { readonly kind: 'health' | 'ready' | 'metrics'; readonly front: ProtocolName }
  | { readonly kind: 'none'; readonly front: ProtocolName }

const CHAT: Route = { kind: 'exchange', front: 'openai-chat', operation: 'create' }
const RESPONSES: Route = { kind: 'exchange', front: 'openai-responses', operation: 'create' }
const MESSAGES: Route = { kind: 'exchange', front: 'anthropic', operation: 'create' }
const COUNT: Route = { kind: 'exchange', front: 'anthropic', operation: 'count-tokens' }

/** Paths with nothing variable in them. Clients differ in how much of the path they bring along. */
const EXACT: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/v1/chat/completions', CHAT],
  ['/chat/completions', CHAT],
  ['/openai/v1/chat/completions', CHAT],
  ['/openai/chat/completions', CHAT],
  ['/v1/responses', RESPONSES],
  ['/responses', RESPONSES],
  ['/openai/v1/responses', RESPONSES],
  ['/v1/messages', MESSAGES],
  ['/messages', MESSAGES],
  ['/anthropic/v1/messages', MESSAGES],
  ['/anthropic/messages', MESSAGES],
  ['/v1/messages/count_tokens', COUNT],
  ['/messages/count_tokens', COUNT],
  ['/anthropic/v1/messages/count_tokens', COUNT],
  ['/healthz', { kind: 'health', front: 'openai-chat' }],
  ['/metrics', { kind: 'metrics', front: 'openai-chat' }],
  ['/readyz', { kind: 'ready', front: 'openai-chat' }],
])

/** What is asked of a model. Apart from its name, so that no path takes the square of its length. */
const METHOD = /:(generateContent|streamGenerateContent|countTokens)$/
/** The model, which may hold slashes. */
const CONTENT = /^(?:\/gemini)?\/v1(?:beta|alpha|beta1)?\/(?:.+\/)?models\/(.+)$/

const HELD = /^(?:\/openai)?(?:\/v1)?\/responses\/([^/]+)(?:\/(input_items|cancel))?$/

const MODELS = /^(\/anthropic|\/openai)?(?:\/v1)?\/models(?:\/(.+))?$/

/**
 * Finds what a path asks for. The list of models has one path in several protocols: there the
 * client's own headers tell which one it speaks.
 */
export function routeOf(path: string, anthropicClient: boolean): Route {
  const exact = EXACT.get(path)
  if (exact) return exact
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const again = EXACT.get(trimmed)
  if (again) return again
  const method = METHOD.exec(trimmed)
  const content = method && CONTENT.exec(trimmed.slice(0, method.index))
  if (content) return contentRoute(decoded(content[1] ?? ''), method[1] ?? '')
  const held = HELD.exec(trimmed)
  if (held) return heldRoute(decoded(held[1] ?? ''), held[2])
  const models = MODELS.exec(trimmed)
  if (models) {
    const anthropic = models[1] === '/anthropic' || (models[1] === undefined && anthropicClient)
    const id = models[2]
    return {
      kind: 'models',
      front: anthropic ? 'anthropic' : 'openai-chat',
      ...(id === undefined ? {} : { id: decoded(id) }),
    }
  }
  const anthropic =
    anthropicClient || trimmed.includes('/messages') || trimmed.startsWith('/anthropic')
  return { kind: 'none', front: anthropic ? 'anthropic' : 'openai-chat' }
}

function contentRoute(model: string, method: string): Route {
  return {
    kind: 'exchange',
    front: 'gemini',
    operation: method === 'countTokens' ? 'count-tokens' : 'create',
    model,
    stream: method === 'streamGenerateContent',
  }
}

function heldRoute(id: string, part: string | undefined): Route {
  const route = { kind: 'held', front: 'openai-responses', id } as const
  if (part === undefined) return route
  return { ...route, part: part === 'cancel' ? part : 'items' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
