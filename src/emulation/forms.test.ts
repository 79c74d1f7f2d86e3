import { describe, expect, it } from 'vitest'
import { CALL_FORMS, type CallForm } from '../core/call-form.ts'
import { CallScanner } from './call-scanner.ts'
import type { FoundCall, KnownTools } from './form.ts'

const WEATHER = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    days: { type: 'integer' },
    hourly: { type: 'boolean' },
    units: { type: ['string', 'null'] },
    points: { type: 'array' },
  },
}
const TOOLS: KnownTools = new Map([
  ['get_weather', WEATHER],
  ['get_time', undefined],
  ['get', undefined],
])

type Piece = string | FoundCall

/** What a scanner makes of a text in these pieces, texts put together. */
function scan(pieces: readonly string[], forms: readonly CallForm[] = CALL_FORMS): Piece[] {
  const scanner = new CallScanner(forms, TOOLS)
  const found: Piece[] = []
  const sink = {
    text(text: string) {
      const last = found.at(-1)
      if (typeof last === 'string') found[found.length - 1] = last + text
      else found.push(text)
    },
    calls(calls: readonly FoundCall[]) {
      found.push(...calls)
    },
  }
  for (const piece of pieces) scanner.push(piece, sink)
  scanner.end(sink)
  return found
}

/** The same text whole, letter by letter, and cut once at every place: all must agree. */
function scanCut(text: string): Piece[] {
  const whole = scan([text])
  const wanted = JSON.stringify(whole)
  const cuts = [[...text]]
  for (let at = 1; at < text.length; at++) cuts.push([text.slice(0, at), text.slice(at)])
  expect(cuts.filter(pieces => JSON.stringify(scan(pieces)) !== wanted)).toEqual([])
  return whole
}

const oslo = (text = '{"city": "Oslo"}') => ({ name: 'get_weather', arguments: text })
const time = { name: 'get_time', arguments: '{}' }

/** Each form as its makers document it, with the calls that it stands for. */
const FORMS: [string, CallForm, string, FoundCall[]][] = [
  [
    'tags around JSON (Hermes 2 Pro, Qwen 2.5)',
    'tool-call-tags',
    '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>\n<tool_call>\n{"arguments": {}, "name": "get_time"}\n</tool_call>',
    [oslo(), time],
  ],
  [
    'tags, the last one left open',
    'tool-call-tags',
    '<tool_call>{"name": "get_weather", "arguments": {"city": "Oslo"}}\n',
    [oslo()],
  ],
  [
    'tags around text of JSON',
    'tool-call-tags',
    '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}</tool_call>',
    [oslo()],
  ],
  [
    'functions and parameters in tags (Qwen3-Coder)',
    'function-tags',
    '<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n3\n</parameter>\n<parameter=hourly>\nTrue\n</parameter>\n</function>\n</tool_call>',
    [oslo('{"city": "Oslo", "days": 3, "hourly": true}')],
  ],
  [
    'the same without the tags around it',
    'function-tags',
    '<function=get_weather>\n<parameter=city>\n1234\n</parameter>\n</function>',
    [oslo('{"city": "1234"}')],
  ],
  [
    'functions with JSON (Llama 3.1)',
    'function-tags',
    '<function=get_weather>{"city": "Oslo"}</function>',
    [oslo()],
  ],
  [
    'keys and values in tags (GLM 4.5)',
    'argument-tags',
    '<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n<arg_key>points</arg_key>\n<arg_value>[1, 2.50]</arg_value>\n</tool_call>',
    [oslo('{"city": "Oslo", "points": [1, 2.50]}')],
  ],
  [
    'the same on one line (GLM 4.7)',
    'argument-tags',
    '<tool_call>get_weather<arg_key>city</arg_key><arg_value>Oslo</arg_value></tool_call><tool_call>get_time</tool_call>',
    [oslo(), time],
  ],
  [
    'the Python tag with JSON (Llama 3.1)',
    'python-tag',
    '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Oslo"}}; {"name": "get_time", "parameters": {}}<|eom_id|>',
    [oslo(), time],
  ],
  [
    'the Python tag with a method (Llama 3.1)',
    'python-tag',
    '<|python_tag|>get_weather.call(city="Oslo")',
    [oslo()],
  ],
  [
    'a token and a list (Mistral, tokenizers v1 to v3)',
    'calls-token',
    '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Oslo"}, "id": "VvvODy9mT"}, {"name": "get_time", "arguments": {}}]',
    [oslo(), time],
  ],
  [
    'a token, name and arguments (Mistral, tokenizers v11 and v13)',
    'calls-token',
    '[TOOL_CALLS]get_weather[CALL_ID]VvvODy9mT[ARGS]{"city": "Oslo"}[TOOL_CALLS]get_time{}',
    [oslo(), time],
  ],
  [
    'tokens and a fence (DeepSeek V3 and R1)',
    'call-tokens',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Oslo"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    [oslo(), time],
  ],
  [
    'tokens alone (DeepSeek V3.1)',
    'call-tokens',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Oslo"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    [oslo()],
  ],
  [
    'marked tags (DeepSeek V3.2)',
    'invoke-tags',
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
    [oslo('{"city": "Oslo", "days": 3}')],
  ],
  [
    'a section of tokens (Kimi K2)',
    'section-tokens',
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Oslo"}<|tool_call_end|><|tool_call_begin|>functions.get_time:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>',
    [oslo(), time],
  ],
  [
    'bare JSON (Llama 3.2)',
    'json',
    '{"name": "get_weather", "parameters": {"city": "Oslo"}}',
    [oslo()],
  ],
  [
    'a bare list',
    'json',
    '[{"name": "get_weather", "arguments": {"city": "Oslo"}}, {"name": "get_time", "arguments": {}}]',
    [oslo(), time],
  ],
  [
    'JSON in a fence',
    'json',
    '```json\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n```',
    [oslo()],
  ],
  [
    'JSON in a fence that says what it is',
    'json',
    '```tool_call\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n```',
    [oslo()],
  ],
  [
    'JSON as Chat Completions has it',
    'json',
    '{"type": "function", "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}}',
    [oslo()],
  ],
  [
    'a Python list (Llama 4)',
    'pythonic',
    '[get_weather(city="Oslo", days=3, units=None, points=[1, (2, 3), {\'a\': True}]), get_time()]',
    [oslo('{"city": "Oslo", "days": 3, "units": null, "points": [1, [2, 3], {"a": true}]}'), time],
  ],
  [
    'Python in a fence (Gemma 3)',
    'pythonic',
    "```tool_code\nprint(get_weather(city='Os\\'lo\\n\\u00e9'))\nget_time()\n```",
    [oslo('{"city": "Os\'lo\\né"}'), time],
  ],
]

describe('every form', () => {
  it('has an example', () => {
    expect(new Set(FORMS.map(([, form]) => form))).toEqual(new Set(CALL_FORMS))
  })

  it.each(FORMS)('[G6] %s is read, however it is cut', (_, form, text, calls) => {
    expect(scanCut(text)).toEqual(calls)
    expect(scan([text], [form])).toEqual(calls)
    expect(
      scan(
        [text],
        CALL_FORMS.filter(other => other !== form),
      ),
    ).toEqual([text])
  })

  it.each(FORMS)('%s is read after words, and the words stay', (_, __, text, calls) => {
    expect(scanCut(`Let me look.\n\n${text}`)).toEqual(['Let me look.', ...calls])
  })

  it.each(FORMS)('%s is text if it ends too early', (_, __, text) => {
    // Where only the end is missing, a call is whole all the same: those cuts are left to others.
    const half = text.slice(0, Math.floor(text.length / 2))
    const pieces = scanCut(half)
    const told = pieces.filter(piece => typeof piece === 'string').join('')
    expect(half.endsWith(told)).toBe(true)
    expect(pieces.filter(piece => typeof piece !== 'string').length).toBeLessThanOrEqual(1)
  })

  it.each(FORMS)('%s is text in code', (_, __, text) => {
    const fenced = `So it is written:\n\n\`\`\`\`text\n${text}\n\`\`\`\`\n`
    expect(scanCut(fenced)).toEqual([fenced])
  })

  it.each(FORMS)('%s is text in a thought', (_, __, text) => {
    const thought = `<think>\nPerhaps ${text}\n</think>\n\nNo.`
    expect(scanCut(thought)).toEqual([thought])
  })

  it.each(FORMS)('%s is text if no such tool is known', (_, __, text) => {
    const strange = text.replaceAll('get_', 'do_')
    expect(scanCut(strange)).toEqual([strange])
  })
})

/** What is no call, though it begins like one. */
const TEXTS = [
  'a < b && c <d> [1] {x}',
  'Use `<tool_call>{"name": "get_time", "arguments": {}}</tool_call>` for that.',
  'The tag is <tool_call>.',
  '<tool_call',
  '<tool_call>{"name": "get_weather", "arguments": {"city": "Oslo"}}</tool_',
  '<tool_call>{"name": "get_weather", "arguments": {"city": "Oslo"}',
  '<tool_call>{"name": "get_weather", "arguments": {"city": Oslo}}</tool_call>',
  '<tool_call>{"name": "get_weather", "arguments": [1]}</tool_call>',
  '<tool_call>{"name": "get_weather", "name": "get_time"}</tool_call>',
  '<tool_call>{"name": "get_weather", "city": "Oslo"}</tool_call>',
  '{"name": "get_weather"}',
  '{"name": "Ann", "arguments": {}}',
  '{"city": "Oslo"}',
  '[]',
  '[1, 2]',
  '[get_weather]',
  '[get_weather("Oslo")]',
  '[x](https://example.com)',
  'So: {"name": "get_time", "arguments": {}}',
  'For example:\n```json\n{"name": "get_time", "arguments": {}}\n```\nThat is how it looks.',
  '{"name": "get_time", "arguments": {}}\nis what I would write.',
  '```json\n{"name": "get_time", "arguments": {}}',
  '```python\nprint("<function=get_time></function>")\n```\n',
  '~~~\n<tool_call>{"name": "get_time", "arguments": {}}</tool_call>\n~~~',
  '<function=get_weather><parameter=city>a</parameter><parameter=city>b</parameter></function>',
  '[TOOL_CALLS]',
  '[TOOL_CALLS]get_weather',
  '<｜tool▁calls▁begin｜>',
  '  \n\t ',
  'tail \n',
  '💧<💧{💧`',
]

describe('what only looks like a call', () => {
  it.each(TEXTS)('[G6] stays text, byte for byte: %j', text => {
    expect(scanCut(text)).toEqual([text])
  })

  it('is given out as soon as it cannot become a call', () => {
    let out = ''
    const sink = { text: (text: string) => (out += text), calls: () => {} }
    const scanner = new CallScanner(CALL_FORMS, TOOLS)
    const given: [string, string][] = [
      ['a <', 'a'],
      ['tool', 'a'],
      ['box', 'a <toolbox'],
      ['>\n{"na', 'a <toolbox>'],
      ['me": "get_', 'a <toolbox>'],
      ['x', 'a <toolbox>\n{"name": "get_x'],
      ['"}\n```py', 'a <toolbox>\n{"name": "get_x"}\n```py'],
      ['\n<tool_call>{', 'a <toolbox>\n{"name": "get_x"}\n```py\n<tool_call>{'],
    ]
    for (const [piece, expected] of given) {
      scanner.push(piece, sink)
      expect(out).toBe(expected)
    }
  })

  it('hides no call that comes after it', () => {
    const call = '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>'
    expect(scanCut(`<tool_call> or so: ${call}`)).toEqual(['<tool_call> or so:', time])
    expect(scanCut(`a lone \` mark\n${call}`)).toEqual(['a lone ` mark', time])
    expect(scanCut(`\`\`\`sh\nls\n\`\`\`\n${call}`)).toEqual(['```sh\nls\n```', time])
    expect(scanCut(`<think>so</think>${call}\nDone.`)).toEqual(['<think>so</think>', time, 'Done.'])
    expect(scanCut(`<tool_call>${call}`)).toEqual(['<tool_call>', time])
  })
})

describe('the longest of several names', () => {
  it('is taken', () => {
    const text = '<tool_call>{"name": "get", "arguments": {}}</tool_call>[TOOL_CALLS]get_time{}'
    expect(scanCut(text)).toEqual([{ name: 'get', arguments: '{}' }, time])
  })
})

describe('arguments', () => {
  it('keep the exact text of the model', () => {
    const text = '{ "n":1.0, "big":12345678901234567890,"u":"\\u00e9" }'
    const call = `<tool_call>{"name":"get_time","arguments":${text}}</tool_call>`
    expect(scanCut(call)).toEqual([{ name: 'get_time', arguments: text }])
  })

  it('of a long call cost no more for each piece than those of a short one', () => {
    const value = 'x'.repeat(2_000_000)
    const text = `<tool_call>{"name":"get_time","arguments":{"a":"${value}"}}</tool_call>`
    const pieces = text.match(/[\s\S]{1,20}/g) ?? []
    const started = process.cpuUsage()
    expect(scan(pieces)).toEqual([{ name: 'get_time', arguments: `{"a":"${value}"}` }])
    expect(process.cpuUsage(started).user / 1000, 'ms of CPU').toBeLessThan(2000)
  })
})
