import {
  bytes,
  enumOf,
  type Fields,
  flag,
  float,
  int64,
  type Kind,
  many,
  message,
  one,
  opaque,
  struct,
  text,
} from './fields.ts'
import type { Surface } from './surface.ts'

/** The fields of a part of which exactly one is set. */
export const PART_DATA = [
  'text',
  'inline_data',
  'file_data',
  'function_call',
  'function_response',
  'executable_code',
  'code_execution_result',
  'tool_call',
  'tool_response',
  'audio_transcription',
] as const

const blob = message('Blob', () => ({
  mime_type: one(text),
  data: one(bytes),
  display_name: one(text),
}))

const fileData = message('FileData', () => ({
  mime_type: one(text),
  file_uri: one(text),
  display_name: one(text),
}))

const partialArg = message('PartialArg', () => ({
  json_path: one(text),
  string_value: one(text),
  number_value: one(float),
  bool_value: one(flag),
  null_value: one(enumOf('NullValue', ['NULL_VALUE'])),
  will_continue: one(flag),
}))

const scheduling = enumOf('FunctionResponse.Scheduling', [
  'SCHEDULING_UNSPECIFIED',
  'SILENT',
  'WHEN_IDLE',
  'INTERRUPT',
])

const toolType = enumOf('ToolType', [
  'TOOL_TYPE_UNSPECIFIED',
  'GOOGLE_SEARCH_WEB',
  'GOOGLE_SEARCH_IMAGE',
  'URL_CONTEXT',
  'GOOGLE_MAPS',
  'FILE_SEARCH',
  'MEDIA_PROCESSING',
])

const executableCode = message('ExecutableCode', () => ({
  id: one(text),
  language: one(enumOf('ExecutableCode.Language', ['LANGUAGE_UNSPECIFIED', 'PYTHON'])),
  code: one(text),
}))

const codeExecutionResult = message('CodeExecutionResult', () => ({
  id: one(text),
  outcome: one(
    enumOf('CodeExecutionResult.Outcome', [
      'OUTCOME_UNSPECIFIED',
      'OUTCOME_OK',
      'OUTCOME_FAILED',
      'OUTCOME_DEADLINE_EXCEEDED',
    ]),
  ),
  output: one(text),
}))

const toolCall = message('ToolCall', () => ({
  id: one(text),
  tool_type: one(toolType),
  args: one(struct),
}))

const toolResponse = message('ToolResponse', () => ({
  id: one(text),
  tool_type: one(toolType),
  response: one(struct),
}))

/** A content: a role and parts. Source: Google Gen AI SDK 2.32, `Part`, 2026. */
export function contentOf(surface: Surface): Kind {
  const part = message('Part', () => partFields(surface), { name: 'data', members: PART_DATA })
  return message('Content', () => ({ parts: many(part), role: one(text) }))
}

function partFields(surface: Surface): Fields {
  const isStudio = surface.name === 'studio'
  const id: Fields = surface.takesCallIds ? { id: one(text) } : {}
  const responsePart = message('FunctionResponsePart', () => ({
    inline_data: one(blob),
    file_data: one(fileData),
    ...(isStudio && { media_processing: one(opaque('MediaProcessing')) }),
  }))
  const functionCall = message('FunctionCall', () => ({
    ...id,
    name: one(text),
    args: one(struct),
    ...(!isStudio && { partial_args: many(partialArg), will_continue: one(flag) }),
  }))
  const functionResponse = message('FunctionResponse', () => ({
    ...id,
    name: one(text),
    response: one(struct),
    parts: many(responsePart),
    will_continue: one(flag),
    scheduling: one(scheduling),
  }))
  return {
    text: one(text),
    inline_data: one(blob),
    file_data: one(fileData),
    function_call: one(functionCall),
    function_response: one(functionResponse),
    executable_code: one(executableCode),
    code_execution_result: one(codeExecutionResult),
    tool_call: one(toolCall),
    tool_response: one(toolResponse),
    audio_transcription: one(opaque('Transcription')),
    thought: one(flag),
    thought_signature: one(bytes),
    video_metadata: one(
      message('VideoMetadata', () => ({
        start_offset: one(text),
        end_offset: one(text),
        fps: one(float),
      })),
    ),
    media_resolution: one(
      message('Part.MediaResolution', () => ({ level: one(text), num_tokens: one(int64) })),
    ),
    speech_metadata: one(opaque('SpeechMetadata')),
    ...(isStudio && {
      media_processing: one(opaque('MediaProcessing')),
      part_metadata: one(struct),
    }),
  }
}
