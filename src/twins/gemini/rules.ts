import { Rejection } from './error.ts'
import type { JsonDocument } from './json.ts'
import { findModel, type ModelFacts } from './models.ts'
import { type GeminiRequest, objectOf, readRequest } from './request.ts'
import { checkContents } from './rules-contents.ts'
import { checkOutput } from './rules-output.ts'
import { checkPairing } from './rules-pairing.ts'
import { checkSignatures } from './rules-signatures.ts'
import { checkThinking } from './rules-thinking.ts'
import { checkTools } from './rules-tools.ts'
import { checkShape } from './shape-request.ts'
import type { Surface } from './surface.ts'

/** The model that a path names. */
export interface Target {
  readonly surface: Surface
  readonly model: string
  /** The model's full name on Vertex: `projects/…/publishers/google/models/…`. */
  readonly resource: string
}

/**
 * Admits a request or turns it down as the vendor would: first the shape of all fields, then the
 * model's name, then what the fields mean together.
 *
 * @throws Rejection
 */
export function admit(document: JsonDocument, target: Target): GeminiRequest {
  const { surface } = target
  const body = checkShape(document.value, surface, false)
  const request = readRequest(body, document, knownModel(target, 'generateContent'), surface)
  checkContents(request)
  checkTools(request)
  checkThinking(request)
  checkPairing(request)
  checkSignatures(request)
  checkOutput(request)
  return request
}

/**
 * Admits a request to count tokens: only its shape, its model and its contents are looked at. AI
 * Studio wraps all but contents in `generateContentRequest`.
 *
 * @throws Rejection
 */
export function admitCount(document: JsonDocument, target: Target): GeminiRequest {
  const { surface } = target
  const body = checkShape(document.value, surface, true)
  const model = knownModel(target, 'countTokens')
  const wrapped = objectOf(body, 'generateContentRequest')
  const request = readRequest(wrapped ?? body, document, model, surface)
  checkContents(request)
  return request
}

/** Sources: recorded answers of 2026-08 (AI Studio) and 2025 (Vertex). */
function knownModel({ surface, model, resource }: Target, method: string): ModelFacts {
  const facts = findModel(model)
  if (facts) return facts
  if (surface.name === 'vertex') {
    throw new Rejection(`Publisher Model \`${resource}\` not found.`, 404)
  }
  throw new Rejection(
    `models/${model} is not found for API version ${surface.version}, or is not supported for ${method}. Call ModelService.ListModels to see the list of available models and their supported methods.`,
    404,
  )
}
