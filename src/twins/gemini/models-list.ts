import { Rejection, reject } from './error.ts'
import type { Writable } from './json-writer.ts'
import { findModel, LISTED_MODELS, type ModelFacts } from './models.ts'

const USUAL_PAGE = 50
const LONGEST_PAGE = 1_000

/**
 * One page of the model list. Source: Gemini API reference, `models.list`, 2026.
 *
 * @throws Rejection for a page that is none.
 */
export function listModels(query: URLSearchParams): Writable {
  const size = sizeOf(query.get('pageSize'))
  const start = startOf(query.get('pageToken'))
  const all = LISTED_MODELS.flatMap(name => findModel(name) ?? [])
  const end = Math.min(all.length, start + size)
  return {
    models: all.slice(start, end).map(describe),
    nextPageToken: end < all.length ? tokenOf(end) : undefined,
  }
}

/**
 * The description of one model.
 *
 * @throws Rejection with 404.
 */
export function getModel(name: string, version: string): Writable {
  const facts = findModel(name)
  if (!facts)
    throw new Rejection(`Model is not found: models/${name} for api version ${version}`, 404)
  return describe(facts)
}

function sizeOf(given: string | null): number {
  if (given === null) return USUAL_PAGE
  if (!/^-?\d+$/.test(given)) {
    reject(`Invalid value at 'page_size' (TYPE_INT32), ${JSON.stringify(given)}`)
  }
  const size = Number(given)
  if (size < 0) reject('* ListModelsRequest.page_size: page_size must not be negative.\n')
  return Math.min(size || USUAL_PAGE, LONGEST_PAGE)
}

/** A page token: opaque to the client. */
function tokenOf(start: number): string {
  return Buffer.from(`models ${start}`).toString('base64url')
}

function startOf(token: string | null): number {
  if (!token) return 0
  const start = /^models (\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  return start === undefined ? reject('Page token is not valid.') : Number(start)
}

function describe({ id, generation, thinking, inputTokens, outputTokens }: ModelFacts): Writable {
  const words = id.replace('-preview', ' preview').split('-')
  const displayName = words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
  return {
    name: `models/${id}`,
    version: id.includes('preview') ? `${generation.toFixed(1)}-preview` : '001',
    displayName,
    description: displayName,
    inputTokenLimit: inputTokens,
    outputTokenLimit: outputTokens,
    supportedGenerationMethods: [
      'generateContent',
      'countTokens',
      'createCachedContent',
      'batchGenerateContent',
    ],
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 2,
    thinking: thinking.canThink || undefined,
  }
}
