import {
  anything,
  double,
  enumOf,
  type Fields,
  flag,
  int64,
  type Kind,
  many,
  mapOf,
  message,
  one,
  opaque,
  text,
} from './fields.ts'
import type { Surface } from './surface.ts'

/**
 * The vendor's own schema dialect; any other keyword is an unknown field. Source: Google Gen AI SDK
 * 2.32, `Schema`, 2026.
 */
export const schema: Kind = message('Schema', () => ({
  type: one(
    enumOf('Type', [
      'TYPE_UNSPECIFIED',
      'STRING',
      'NUMBER',
      'INTEGER',
      'BOOLEAN',
      'ARRAY',
      'OBJECT',
      'NULL',
    ]),
  ),
  format: one(text),
  title: one(text),
  description: one(text),
  nullable: one(flag),
  enum: many(text),
  items: one(schema),
  min_items: one(int64),
  max_items: one(int64),
  properties: mapOf(schema),
  required: many(text),
  min_properties: one(int64),
  max_properties: one(int64),
  min_length: one(int64),
  max_length: one(int64),
  pattern: one(text),
  example: one(anything),
  any_of: many(schema),
  property_ordering: many(text),
  default: one(anything),
  minimum: one(double),
  maximum: one(double),
}))

const declaration = message('FunctionDeclaration', () => ({
  name: one(text),
  description: one(text),
  parameters: one(schema),
  parameters_json_schema: one(anything),
  response: one(schema),
  response_json_schema: one(anything),
  behavior: one(
    enumOf('FunctionDeclaration.Behavior', ['UNSPECIFIED', 'BLOCKING', 'NON_BLOCKING']),
  ),
}))

/** Tools that Google runs itself, by surface. Source: Google Gen AI SDK 2.32, `Tool`, 2026. */
const BUILT_INS = {
  both: {
    google_search: 'GoogleSearch',
    google_search_retrieval: 'GoogleSearchRetrieval',
    code_execution: 'CodeExecution',
    url_context: 'UrlContext',
    google_maps: 'GoogleMaps',
    computer_use: 'ComputerUse',
  },
  studio: { file_search: 'FileSearch' },
  vertex: {
    retrieval: 'Retrieval',
    enterprise_web_search: 'EnterpriseWebSearch',
    exa_ai_search: 'ExaAiSearch',
    parallel_ai_search: 'ParallelAiSearch',
  },
} as const

/** A tool: functions of the client's own, or tools that Google runs. */
export function toolOf({ name }: Surface): Kind {
  const builtIns = Object.entries({ ...BUILT_INS.both, ...BUILT_INS[name] })
  const fields: Fields = {
    function_declarations: many(declaration),
    ...Object.fromEntries(builtIns.map(([field, type]) => [field, one(opaque(`Tool.${type}`))])),
    ...(name === 'studio' && { mcp_servers: many(opaque('McpServer')) }),
  }
  return message('Tool', () => fields)
}

/** How the model may use tools. */
export function toolConfigOf({ name }: Surface): Kind {
  const calling = message('FunctionCallingConfig', () => ({
    mode: one(
      enumOf('FunctionCallingConfig.Mode', [
        'MODE_UNSPECIFIED',
        'AUTO',
        'ANY',
        'NONE',
        'VALIDATED',
      ]),
    ),
    allowed_function_names: many(text),
    ...(name === 'vertex' && { stream_function_call_arguments: one(flag) }),
  }))
  return message('ToolConfig', () => ({
    function_calling_config: one(calling),
    retrieval_config: one(opaque('RetrievalConfig')),
    ...(name === 'studio' && { include_server_side_tool_invocations: one(flag) }),
  }))
}
