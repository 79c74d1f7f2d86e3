import { afterEach, describe, expect, it } from 'vitest'
import { call, GEMINI, stateHouse } from '../state-house.ts'
import { chatCalls, openaiChat } from './clients.ts'
import { listener } from './prompts.ts'

/** Schemas of tools that other gateways send on to a 400. The names are those of the reports. */
const house = stateHouse()
afterEach(() => house.close())

const place = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const SCHEMAS: [string, object | undefined][] = [
  ['litellm#14330: $schema', { $schema: 'http://json-schema.org/draft-07/schema#', ...place }],
  ['litellm#14330: additionalProperties', place],
  [
    'litellm#18442: $ref to $defs',
    {
      type: 'object',
      properties: { city: { $ref: '#/$defs/City' } },
      required: ['city'],
      $defs: { City: { type: 'string', minLength: 1 } },
    },
  ],
  [
    'litellm#18442: $ref to definitions, in draft 7',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { city: { $ref: '#/definitions/City' } },
      definitions: { City: { type: ['string', 'null'] } },
    },
  ],
  ['any-llm#1094: an object without properties', { type: 'object', properties: {} }],
  ['any-llm#1094: an empty schema', {}],
  ['any-llm#1094: no parameters at all', undefined],
]

describe('schemas that other gateways do not bring to a vendor [G12]', () => {
  it.each(SCHEMAS)('%s', async (_, parameters) => {
    for (const model of [GEMINI, 'claude-sonnet-4-5']) {
      const heard = listener({
        blocks: [
          { type: 'call', name: 'look', arguments: JSON.stringify(call('', 'Bonn').arguments) },
        ],
      })
      const vendor = model === GEMINI ? 'google' : 'anthropic'
      const { url } = await house.gateway({ [vendor]: await house.twin(vendor, heard.model) })
      const tool = { name: 'look', ...(parameters === undefined ? {} : { parameters }) }
      const tools = [{ type: 'function', function: tool }]
      // The twin refuses whatever its vendor refuses of a schema.
      const choice = await openaiChat(url, model, { tools })
      expect(chatCalls(choice)).toEqual([['look', '{"city":"Bonn"}']])
      const told = JSON.stringify(heard.prompts[0]?.tools[0]?.parameters ?? {})
      if (JSON.stringify(parameters ?? {}).includes('city')) expect(told).toContain('"city"')
      if (JSON.stringify(parameters ?? {}).includes('"string"')) expect(told).toMatch(/string/i)
    }
  })
})
