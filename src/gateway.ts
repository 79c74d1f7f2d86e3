/**
 * The gateway inside a program of one's own. Apart from the tool loop, so that a program with a loop
 * does not load a server, the vendors' doubles and what reads configuration files.
 *
 * @module
 */
export type { Config, ConfiguredAccount } from './config/config.ts'
export { ConfigError } from './config/config.ts'
export { type CommandLine, loadConfig } from './config/load.ts'
export { DEFAULT_LIMITS, type Limits } from './gateway/limits.ts'
export type { ExchangeRecord } from './gateway/record.ts'
export { type RunningGateway, startGateway } from './start.ts'
