/** @module Tools for models that have none: told in words, and read out of the answer's words. */
export { type CallReading, CallStage, readCalls } from './call-stage.ts'
export { type EmulatedRequest, emulateTools, rawReading } from './emulated-request.ts'
export { formsOf } from './forms.ts'
