import { anthropicTwin } from './anthropic/index.ts'
import { azureTwin } from './azure.ts'
import { bedrockTwin } from './bedrock/index.ts'
import { geminiTwin, vertexTwin } from './gemini/index.ts'
import { openaiTwin } from './openai.ts'
import { openaiChatVendors } from './openai-chat/index.ts'
import type { TwinVendor } from './vendor.ts'
import { vertexAnthropicTwin } from './vertex-anthropic.ts'

/** Names that a program can count on; the compatible vendors stand beside them. */
type TwinName =
  | 'openai'
  | 'azure'
  | 'bedrock'
  | 'anthropic'
  | 'google'
  | 'vertex'
  | 'vertex-anthropic'

/** The vendors that have a twin, by name. */
export const TWIN_VENDORS: { readonly [name: string]: TwinVendor } & {
  readonly [name in TwinName]: TwinVendor
} = {
  ...openaiChatVendors,
  openai: openaiTwin,
  azure: azureTwin(),
  bedrock: bedrockTwin,
  anthropic: anthropicTwin,
  google: geminiTwin,
  vertex: vertexTwin(),
  'vertex-anthropic': vertexAnthropicTwin,
}
