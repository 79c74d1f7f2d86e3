/**
 * Toolgate as a library: run the gateway inside a program of one's own.
 *
 * @module
 */
export type { Config, ConfiguredAccount } from './config/config.ts'
export { ConfigError } from './config/config.ts'
export { type CommandLine, loadConfig } from './config/load.ts'
export { ERROR_CODES, type ErrorCode, isToolgateError, ToolgateError } from './core/error.ts'
export type { Loss, LossAction } from './core/loss.ts'
export { DEFAULT_LIMITS, type Limits } from './gateway/limits.ts'
export type { ExchangeRecord } from './gateway/record.ts'
export {
  createSandbox,
  type Receipt,
  type Sandbox,
  type SandboxCall,
  type SandboxCode,
  type SandboxContext,
  type SandboxOptions,
  type SandboxOutcome,
} from './sandbox/index.ts'
export { type RunningGateway, startGateway } from './start.ts'
