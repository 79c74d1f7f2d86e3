/**
 * Toolgate for tests: the vendors' offline doubles, in process, over real HTTP on loopback, and what
 * holds a program to what it should do with them.
 *
 * @module
 */
export { type ForbidOptions, forbidRealModels } from './core/reach.ts'
export type { Expected } from './testing/difference.ts'
export {
  assertTrace,
  type ExpectedCall,
  type ExpectedEnd,
  type ExpectedEvent,
  type ExpectedStep,
} from './testing/trace.ts'
export type { Fault } from './twins/faults.ts'
export { hostile } from './twins/hostile/model.ts'
export type { HostilePlan, HostileProtocol, HostileTool } from './twins/hostile/plan.ts'
export {
  HostileFailure,
  type HostileOptions,
  type HostileRun,
  tryHostile,
} from './twins/hostile/runs.ts'
export type { TwinBlock, TwinCall, TwinModel, TwinPrompt, TwinTurn } from './twins/model.ts'
export type { Random } from './twins/random.ts'
export { rehearsal } from './twins/rehearsal/index.ts'
export { readScript, type ScriptTurn, scripted } from './twins/script.ts'
export { type StartTwinOptions, startTwin, type Twin } from './twins/server.ts'
export type { TwinVendor } from './twins/vendor.ts'
export { TWIN_VENDORS } from './twins/vendors.ts'
