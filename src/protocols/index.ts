import type { ProtocolName } from '../core/extras.ts'
import { anthropic } from './anthropic/index.ts'
import { converse } from './converse/index.ts'
import { gemini } from './gemini/index.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiResponses } from './openai-responses/index.ts'
import type { Back, Protocol } from './protocol.ts'

/** The protocols that are spoken both ways, by name. */
export const PROTOCOLS: { readonly [P in ProtocolName]?: Protocol } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
}

/** Those that are spoken with vendors alone. */
const BACKS: { readonly [P in ProtocolName]?: Back } = { converse }

/** A protocol by its name. @throws Error if it is not spoken: a mistake of ours, never a client's. */
export function protocolNamed(name: ProtocolName): Protocol {
  const protocol = PROTOCOLS[name]
  if (protocol) return protocol
  throw new Error(`the protocol ${name} is not spoken with clients`)
}

/** A protocol to speak with a vendor. */
export function backNamed(name: ProtocolName): Back {
  return BACKS[name] ?? protocolNamed(name)
}
