import { describe, expect, it } from 'vitest'
import { call, complaint, PLAIN_BODY, refusal, result, sendOnce, user } from './trial.ts'

const PNG = 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='
const ROLES = "'assistant', 'system', 'developer', and 'user'"

const type = (path: string, expected: string, found: string) =>
  refusal(
    `Invalid type for '${path}': expected ${expected}, but got ${found} instead.`,
    path,
    'invalid_type',
  )
const word = (found: string, path: string, values: string) =>
  refusal(`Invalid value: '${found}'. Supported values are: ${values}.`, path, 'invalid_value')
const missing = (path: string) =>
  refusal(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
const unknown = (path: string) =>
  refusal(`Unknown parameter: '${path}'.`, path, 'unknown_parameter')
const said = (path: string, text: string) =>
  refusal(`Invalid '${path}'${text}`, path, 'invalid_value')

const inputOf = (...input: unknown[]) => complaint({ input })

describe('items', () => {
  it.each([
    [7, type('input[0]', 'an input item', 'an integer')],
    [null, type('input[0]', 'an input item', 'null')],
    [{}, word('', 'input[0]', ROLES)],
    [{ role: 'tool', content: 'x', tool_call_id: 'y' }, word('tool', 'input[0]', ROLES)],
    [{ type: 'message', role: 'bogus', content: 'x' }, word('bogus', 'input[0]', ROLES)],
    [{ role: 'user' }, missing('input[0].content')],
    [{ role: 'user', content: 'x', name: 'Ann' }, unknown('input[0].name')],
    [{ role: 'user', content: 'x', phase: 'final_answer' }, unknown('input[0].phase')],
    [
      { role: 'assistant', content: 'x', phase: 'bogus' },
      word('bogus', 'input[0].phase', "'commentary' and 'final_answer'"),
    ],
    [
      { role: 'assistant', content: null, tool_calls: [] },
      type('input[0].content', 'one of an array of objects or string', 'null'),
    ],
    [{ role: 'assistant', content: 'x', tool_calls: [] }, unknown('input[0].tool_calls')],
    [{ type: 'function_call', name: 'f', arguments: '{}' }, missing('input[0].call_id')],
    [{ type: 'function_call', call_id: 'a', arguments: '{}' }, missing('input[0].name')],
    [{ type: 'function_call', call_id: 'a', name: 'f' }, missing('input[0].arguments')],
    [call('a', { arguments: {} }), type('input[0].arguments', 'a string', 'an object')],
    [call('a', { input: 'x' }), unknown('input[0].input')],
    [
      call('a', { status: 'x' }),
      word('x', 'input[0].status', "'in_progress', 'completed', and 'incomplete'"),
    ],
    [{ type: 'function_call_output', call_id: 'a' }, missing('input[0].output')],
    [{ type: 'function_call_output', output: 'a' }, missing('input[0].call_id')],
    [
      result('a', { output: { ok: 1 } }),
      type('input[0].output', 'one of an array of objects or string', 'an object'),
    ],
    [result('a', { is_error: true }), unknown('input[0].is_error')],
    [
      { type: 'custom_tool_call', call_id: 'a', name: 'f', arguments: '{}' },
      missing('input[0].input'),
    ],
    [{ type: 'reasoning', id: 'rs_1' }, missing('input[0].summary')],
    [
      { type: 'additional_tools', role: 'developer', tools: [{}] },
      missing('input[0].tools[0].type'),
    ],
  ])('%j', async (item, error) => {
    expect(await inputOf(item)).toEqual(error)
  })

  it.each(['bogus_item', 7])('of the type %j are listed', async unheard => {
    const error = await inputOf({ type: unheard })
    expect(error).toMatchObject({ param: 'input[0]', code: 'invalid_value' })
    const found = typeof unheard === 'string' ? unheard : ''
    expect(error?.message).toMatch(
      new RegExp(`^Invalid value: '${found}'\\. Supported values are: 'additional_tools', 'agent_`),
    )
    expect(error?.message).toMatch(/'tool_search_output', and 'web_search_call'\.$/)
  })

  it('hold names to a pattern', async () => {
    expect(await inputOf(call('a', { name: 'get weather' }))).toEqual(
      said(
        'input[0].name',
        ": string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
      ),
    )
  })

  it('hold the ids of calls to 64 characters', async () => {
    const id = 'c'.repeat(86)
    expect(await inputOf(user('x'), call(id))).toEqual(
      refusal(
        "Invalid 'input[1].call_id': string too long. Expected a string with maximum length 64, but got a string with length 86 instead.",
        'input[1].call_id',
        'string_above_max_length',
      ),
    )
    expect(await inputOf(call(''))).toMatchObject({ code: 'empty_string' })
    const longest = 'c'.repeat(64)
    expect(await inputOf(call(longest), result(longest))).toBeUndefined()
  })

  it.each([
    ['reasoning', { id: 'item_1', summary: [] }, 'rs'],
    ['function_call', { ...call('a'), id: 'call_1' }, 'fc'],
    ['function_call_output', { ...result('a'), id: 'ctco_1' }, 'fc'],
    ['custom_tool_call', { id: 'fc_1', call_id: 'a', name: 'f', input: '' }, 'ctc'],
    ['custom_tool_call_output', { id: 'fc_1', call_id: 'a', output: '' }, 'ctco'],
    ['web_search_call', { id: 'call_1' }, 'ws'],
    ['message', { id: 'item_1', role: 'assistant', content: 'x' }, 'msg'],
  ])('%s have ids of their own', async (itemType, item, prefix) => {
    const error = await inputOf({ ...item, type: itemType })
    expect(error).toEqual(
      said('input[0].id', `: '${item.id}'. Expected an ID that begins with '${prefix}'.`),
    )
  })

  it('have ids of plain letters', async () => {
    expect(await inputOf(call('a', { id: 'fc_a.b' }))).toEqual(
      said(
        'input[0].id',
        ": 'fc_a.b'. Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters.",
      ),
    )
    expect(await complaint({ previous_response_id: 'x' })).toEqual(
      said('previous_response_id', ": 'x'. Expected an ID that begins with 'resp'."),
    )
  })

  it('of raw thoughts are refused', async () => {
    const content = [{ type: 'reasoning_text', text: 'Hm.' }]
    expect(await inputOf({ type: 'reasoning', summary: [], content })).toEqual(
      refusal(
        "Invalid 'input[0].content': array too long. Expected an array with maximum length 0, but got an array with length 1 instead.",
        'input[0].content',
        'array_above_max_length',
      ),
    )
  })

  it('of hosted tools pass as they are', async () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { any: 1 } }
    expect(await inputOf(user('x'), search, { type: 'program', anything: true })).toBeUndefined()
  })

  it('may be of all kinds in one conversation', async () => {
    const input = [
      { role: 'system', content: 'Be brief.' },
      { role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
      { type: 'message', role: 'user', content: 'Hi', id: 'msg_1', status: 'completed' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      call('a', { id: 'fc_1', status: 'completed', namespace: null }),
      { type: 'custom_tool_call', call_id: 'b', name: 'run', input: 'x = 1' },
      result('a', { output: [{ type: 'input_image', image_url: PNG }] }),
      { type: 'custom_tool_call_output', call_id: 'b', output: 'ok' },
    ]
    const { status, error } = await sendOnce({ ...PLAIN_BODY, input })
    expect([status, error.message]).toEqual([200, undefined])
  })
})

describe('parts', () => {
  const userPart = (part: unknown) => inputOf(user([part]))
  const PLACE = 'input[0].content[0]'
  const USER = "'input_text', 'input_image', 'input_file', 'scoped_content', and 'input_audio'"
  const ALL =
    "'input_text', 'input_image', 'input_audio', 'output_text', 'refusal', 'input_file', 'computer_screenshot', 'summary_text', and 'encrypted_content'"

  it.each([
    [{ type: 'text', text: 'x' }, word('text', `${PLACE}.type`, ALL)],
    [{ type: 'image_url', image_url: {} }, word('image_url', `${PLACE}.type`, ALL)],
    [{ type: 'output_text', text: 'x' }, word('output_text', PLACE, USER)],
    [{ type: 'input_text' }, missing(`${PLACE}.text`)],
    [{ text: 'x' }, missing(`${PLACE}.type`)],
    [{ type: 'input_text', text: 'x', cache_control: {} }, unknown(`${PLACE}.cache_control`)],
    [
      { type: 'input_image', image_url: { url: PNG } },
      type(`${PLACE}.image_url`, 'a string', 'an object'),
    ],
  ])('of a user: %j', async (part, error) => {
    expect(await userPart(part)).toEqual(error)
  })

  it('of an assistant are texts and refusals', async () => {
    const input = [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }]
    expect(await complaint({ input })).toEqual(
      word('input_text', PLACE, "'output_text' and 'refusal'"),
    )
  })

  it('of an output are those of a user', async () => {
    const output = [{ type: 'output_text', text: 'x' }]
    expect(await inputOf(call('a'), result('a', { output }))).toEqual(
      word('output_text', 'input[1].output[0]', "'input_text', 'input_image', and 'input_file'"),
    )
  })

  const EXPECTED =
    ". Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got "

  it.each([
    ['/picture.png', '. Expected a valid URL, but got a value with an invalid format.'],
    ['data:application/pdf;base64,QUJD', `${EXPECTED}unsupported MIME type 'application/pdf'.`],
    ['data:image/png,QUJD', `${EXPECTED}a value without the ';base64' separator.`],
    ['data:image/png;base64,', `${EXPECTED}empty base64-encoded bytes.`],
    ['data:image/png;base64,%%%', `${EXPECTED}an invalid base64-encoded value.`],
  ])('an image is not at %s', async (url, text) => {
    const error = await userPart({ type: 'input_image', image_url: url })
    expect(error).toEqual(said(`${PLACE}.image_url`, text))
  })

  it.each(['https://example.com/a.png', PNG])('an image is at %s', async url => {
    expect(await userPart({ type: 'input_image', image_url: url, detail: 'auto' })).toBeUndefined()
  })

  it('a file is no sound', async () => {
    const data = 'data:audio/mpeg;base64,QUJD'
    expect(await userPart({ type: 'input_file', file_data: data, filename: 'a.mp3' })).toEqual(
      refusal(
        `Invalid file data: '${PLACE}.file_data'. Expected a base64-encoded data URL with a valid file MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got unsupported MIME type 'audio/mpeg'.`,
        `${PLACE}.file_data`,
        'invalid_value',
      ),
    )
    const csv = 'data:text/csv;base64,QSxC'
    expect(await userPart({ type: 'input_file', file_data: csv })).toBeUndefined()
  })
})
