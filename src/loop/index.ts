export { type Answer, file, image, output, type ToolOutput } from './output.ts'
export type { FromJsonSchema, InputOf, JsonSchema, StandardSchema } from './standard.ts'
export {
  type ApprovalPolicy,
  type Effect,
  RetryHint,
  retryHint,
  type Tool,
  type ToolContext,
  type ToolOptions,
  tool,
} from './tool.ts'
