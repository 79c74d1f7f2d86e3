/**
 * Toolgate for tests: the vendors' offline doubles, in process, over real HTTP on loopback.
 *
 * @module
 */
export type { Fault } from './twins/faults.ts'
export type { TwinBlock, TwinCall, TwinModel, TwinPrompt, TwinTurn } from './twins/model.ts'
export { rehearsal } from './twins/rehearsal/index.ts'
export { readScript, type ScriptTurn, scripted } from './twins/script.ts'
export { type StartTwinOptions, startTwin, type Twin } from './twins/server.ts'
export type { TwinVendor } from './twins/vendor.ts'
export { TWIN_VENDORS } from './twins/vendors.ts'
