import { describe, expect, it } from 'vitest'
import { complaint, refusal, THINKING_BODY } from './trial.ts'

const of = (model: string, fields: object) => complaint({ model, ...fields })
const unsupported = (name: string, code: string | null = null) =>
  refusal(`Unsupported parameter: '${name}' is not supported with this model.`, name, code)

describe('sampling', () => {
  it.each(['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'])(
    '%s is not for models that reason',
    async name => {
      for (const model of ['gpt-5', 'gpt-5.6-terra', 'o4-mini']) {
        expect(await of(model, { [name]: 0.5 })).toEqual(unsupported(name))
      }
      expect(await of('gpt-4o', { [name]: 0.5 })).toBeUndefined()
    },
  )

  it('is for those that were told not to, or do not by themselves', async () => {
    expect(
      await of('gpt-5.6-terra', { temperature: 0.2, reasoning: { effort: 'none' } }),
    ).toBeUndefined()
    expect(await of('gpt-5.2', { temperature: 0.2 })).toBeUndefined()
    expect(await of('gpt-5.2', { temperature: 0.2, reasoning: { effort: 'low' } })).toEqual(
      unsupported('temperature'),
    )
  })

  it('may say what is so anyway', async () => {
    expect(await of('gpt-5', { temperature: 1, top_p: 1, presence_penalty: 0 })).toBeUndefined()
  })
})

describe('log probabilities', () => {
  const said = 'logprobs are not supported with reasoning models.'

  it('are not for models that reason', async () => {
    const include = ['message.output_text.logprobs']
    expect(await of('gpt-5', { top_logprobs: 1 })).toEqual(
      refusal(said, 'top_logprobs', 'unsupported_parameter'),
    )
    expect(await of('gpt-5', { include, top_logprobs: 1 })).toEqual(
      refusal(said, 'include', 'unsupported_parameter'),
    )
    expect(await of('gpt-5', { include, temperature: 0.5 })).toEqual(unsupported('temperature'))
    expect(await of('gpt-4o', { include, top_logprobs: 1 })).toBeUndefined()
  })
})

describe('reasoning', () => {
  it.each(['effort', 'summary'])('%s is not for models that do not', async name => {
    const value = name === 'effort' ? 'low' : 'auto'
    expect(await of('gpt-4.1-mini', { reasoning: { [name]: value } })).toEqual(
      unsupported(`reasoning.${name}`, 'unsupported_parameter'),
    )
    expect(await of('gpt-4.1-mini', { reasoning: { [name]: null } })).toBeUndefined()
  })

  it('is not encrypted by models that do not', async () => {
    const include = ['reasoning.encrypted_content']
    expect(await of('gpt-4o', { include })).toEqual(
      refusal('Encrypted content is not supported with this model.', 'include'),
    )
    expect(await of('gpt-5', { include })).toBeUndefined()
  })

  it.each([
    ['gpt-5.6-terra', 'minimal', "'none', 'low', 'medium', 'high', 'xhigh', and 'max'"],
    ['gpt-5-mini', 'none', "'minimal', 'low', 'medium', and 'high'"],
    ['gpt-6-astra', 'none', "'low', 'medium', 'high', 'xhigh', and 'max'"],
    ['gpt-5.3-chat-latest', 'high', 'medium'],
    ['o3', 'xhigh', "'low', 'medium', and 'high'"],
  ])('%s has no effort %s', async (model, effort, values) => {
    const list = values.startsWith("'") ? values : `'${values}'`
    const said = `Unsupported value: '${effort}' is not supported with the '${model}' model. Supported values are: ${list}.`
    expect(await of(model, { reasoning: { effort } })).toEqual(
      refusal(said, 'reasoning.effort', 'unsupported_value'),
    )
  })

  it.each([
    ['gpt-5', 'minimal'],
    ['gpt-5.1', 'none'],
    ['gpt-5.6', 'max'],
    ['o4-mini', 'high'],
  ])('%s has the effort %s', async (model, effort) => {
    expect(await of(model, { reasoning: { effort, summary: 'auto' } })).toBeUndefined()
  })
})

describe('other fields', () => {
  it('have values that not every model has', async () => {
    const text = { verbosity: 'low' }
    expect(await of('gpt-4.1-mini', { text })).toEqual(
      refusal(
        "Unsupported value: 'low' is not supported with the 'gpt-4.1-mini' model. Supported values are: 'medium'.",
        'text.verbosity',
        'unsupported_value',
      ),
    )
    expect(await of('gpt-5', { text })).toBeUndefined()
    expect(await complaint({ ...THINKING_BODY, prompt_cache_retention: 'in_memory' })).toEqual(
      refusal(
        'This model is compatible only with 24h extended prompt caching',
        'prompt_cache_retention',
        'invalid_parameter',
      ),
    )
    expect(await of('gpt-4o', { prompt_cache_retention: 'in_memory' })).toBeUndefined()
  })

  it('need a stream', async () => {
    const options = { stream_options: { include_obfuscation: false } }
    expect(await complaint(options)).toEqual(
      refusal(
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        'stream_options',
      ),
    )
    expect(await complaint({ ...options, stream: true })).toBeUndefined()
  })
})
