import { reject } from './error.ts'
import { type FieldFault, refuseFields, unable } from './faults.ts'
import type { Content, GeminiRequest, Part } from './request.ts'

/** Rules on what contents and parts must hold, and on roles. */
export function checkContents(request: GeminiRequest): void {
  const { surface, contents, system } = request
  if (surface.name === 'vertex') {
    // Well known, but quoted from memory.
    if (contents.length === 0) unable('at least one contents field is required')
    refuseEmptyContents(request)
  }
  refuseFields(
    [
      ...(contents.length === 0 ? [fault('contents', 'contents is not specified')] : []),
      ...contents.flatMap(({ parts, index }) => faultsOf(parts, `contents[${index}]`)),
      ...(system ? faultsOf(system, 'system_instruction') : []),
    ],
    surface,
  )
  for (const content of contents) refuseRole(content, request)
}

/** Source: genkit issue #3690, 2025-10. */
function refuseEmptyContents({ contents, system }: GeminiRequest): void {
  const isEmpty = (parts: readonly Part[]) => parts.every(({ kind }) => kind === 'nothing')
  if (contents.some(({ parts }) => isEmpty(parts)) || (system && isEmpty(system))) {
    unable('it must include at least one parts field, which describes the prompt input')
  }
}

function faultsOf(parts: readonly Part[], place: string): FieldFault[] {
  // Source: chatwise-releases issue #250, 2025-02.
  if (parts.length === 0) return [fault(`${place}.parts`, 'contents.parts must not be empty.')]
  return parts.flatMap(part => partFaults(part, `${place}.parts[${part.index}]`))
}

/** Sources: boldsoftware/sketch issue #68, 2025-05; openfang issue #136, 2026. */
function partFaults({ kind, at }: Part, place: string): FieldFault[] {
  if (kind === 'nothing') {
    const words = "required oneof field 'data' must have one initialized field"
    return [fault(`${place}.data`, words)]
  }
  const field = kind === 'functionCall' ? 'function_call' : 'function_response'
  const isNamed = kind === 'functionCall' || kind === 'functionResponse'
  if (isNamed && !at['name']) return [fault(`${place}.${field}.name`, 'Name cannot be empty.')]
  return []
}

function fault(place: string, text: string): FieldFault {
  return { place, text }
}

/**
 * A role may be left out only where there is nothing to tell apart. Sources: one-api issue #1385,
 * 2024; LiteLLM pull request #22046, 2026-02.
 */
function refuseRole({ role }: Content, { contents, model }: GeminiRequest): void {
  if (role === 'user' || role === 'model') return
  if (!role && contents.length === 1) return
  if (role === 'function' && model.takesFunctionRole) return
  reject('Please use a valid role: user, model.')
}
