export type {
  Ending,
  FetchAnswer,
  FetchOptions,
  Limits,
  Receipt,
  SandboxCall,
  SandboxCode,
  SandboxContext,
  SandboxOutcome,
  Tier,
  Wall,
} from './call.ts'
export { refusalOf } from './plan.ts'
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts'
