import { describe, expect, it } from 'vitest'
import { call, complaint, DUMMY, model, response, studio, user } from './trial.ts'

const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'
const CALL_ORDER =
  'Please ensure that function call turn comes immediately after a user turn or after a function response turn.'
const RESPONSE_ORDER =
  'Please ensure that function response turn comes immediately after a function call turn.'

const talk = (...contents: readonly object[]) => complaint({ contents })
const talkTo = (name: string, ...contents: readonly object[]) =>
  complaint({ contents }, studio(name))
const signed = (name = 'get_weather', fields: object = {}) =>
  call(name, { thoughtSignature: DUMMY }, fields)

describe('calls and responses', () => {
  it('come in pairs', async () => {
    expect(await talk(user('x'), model(call()), user(response()))).toBeUndefined()
    const both = model('I look.', call('f'), call('g'), 'So.')
    expect(await talk(user('x'), both, user(response('f'), response('g')))).toBeUndefined()
    const steps = [model(call()), user(response()), model(call()), user(response())]
    expect(await talk(user('x'), ...steps, model('Done.'), user('Thanks.'))).toBeUndefined()
    expect(await talk(user('x'), model('no calls'), user('y'))).toBeUndefined()
  })

  it('are equal in number, in one content', async () => {
    const both = [user('x'), model(call('f'), call('g'))]
    expect(await talk(...both, user(response('f')))).toBe(COUNT)
    expect(await talk(...both, user(response('f'), response('g'), response('f')))).toBe(COUNT)
    expect(await talk(...both, user(response('f')), user(response('g')))).toBe(COUNT)
    expect(await talk(...both, user('never mind'))).toBe(COUNT)
    expect(await talk(...both)).toBe(COUNT)
    expect(await talk(...both, model('so'), user('y'))).toBe(COUNT)
  })

  it('follow the user or other responses', async () => {
    expect(await talk(model(call()), user(response()))).toBe(CALL_ORDER)
    expect(await talk(user('x'), model('Wait.'), model(call()), user(response()))).toBe(CALL_ORDER)
    const pair = [model(call()), user(response())]
    expect(await talk(user('x'), model(call()), ...pair)).toBe(CALL_ORDER)
    expect(await talk(user('x'), ...pair, model('So.'), ...pair)).toBe(CALL_ORDER)
    expect(await talk(user('x'), ...pair, user('y'), ...pair)).toBeUndefined()
  })

  it('are no responses without calls', async () => {
    expect(await talk(user('x'), user(response()))).toBe(RESPONSE_ORDER)
    expect(await talk(user(response()))).toBe(RESPONSE_ORDER)
    expect(await talk(user('x'), model('y'), user(response()))).toBe(RESPONSE_ORDER)
    const pair = [model(call()), user(response())]
    expect(await talk(user('x'), ...pair, user(response()))).toBe(RESPONSE_ORDER)
    expect(await talk(user('x'), ...pair, model('y'), user('z', response()))).toBe(RESPONSE_ORDER)
  })

  it('may be mixed with words only at the end', async () => {
    const mixed = [model(call()), user(response(), 'And now?')]
    expect(await talk(user('x'), ...mixed)).toBeUndefined()
    expect(await talk(user('x'), ...mixed, model(call()), user(response()))).toBe(CALL_ORDER)
    expect(await talk(user('x'), model(call('f'), call('g')), user(response('f'), 'y'))).toBe(COUNT)
  })

  it('may both be the model’s where Google ran the tool', async () => {
    expect(
      await talk(user('x'), model(call()), model(response()), model('So.'), user('y')),
    ).toBeUndefined()
    expect(await talk(user('x'), model(call(), response(), 'So.'), user('y'))).toBeUndefined()
  })

  it('may differ in name and id up to Gemini 3.6, and not after it', async () => {
    const renamed = [user('x'), model(signed('f')), user(response('tool_result'))]
    const other = [user('x'), model(signed('f', { id: 'a' })), user(response('f', { id: 'b' }))]
    const opaque = 'Request contains an invalid argument.'
    for (const history of [renamed, other]) {
      expect(await talkTo('gemini-3.6-flash', ...history)).toBeUndefined()
      expect(await talkTo('gemini-3.7-flash', ...history)).toBe(opaque)
    }
    const swapped = [
      user('x'),
      model(signed('f', { id: 'a' }), call('f', {}, { id: 'b' })),
      user(response('f', { id: 'b' }), response('f', { id: 'a' })),
    ]
    expect(await talkTo('gemini-3.7-flash', ...swapped)).toBeUndefined()
    const silent = [user('x'), model(signed('f', { id: 'a' })), user(response('f'))]
    expect(await talkTo('gemini-3.7-flash', ...silent)).toBeUndefined()
  })
})

describe('the last turn', () => {
  const refusal =
    'Requests ending with a model turn are not supported unless the last part is a function response.'

  it('may be the model’s, but not on the newest models', async () => {
    const prefill = [user('x'), model('The answer is')]
    for (const name of [
      'gemini-2.0-flash',
      'gemini-2.5-pro',
      'gemini-3-flash-preview',
      'gemini-3.5-flash',
    ]) {
      expect(await talkTo(name, ...prefill)).toBeUndefined()
    }
    for (const name of ['gemini-3.5-flash-lite', 'gemini-3.6-flash', 'gemini-3.8-flash']) {
      expect(await talkTo(name, ...prefill)).toBe(refusal)
    }
    expect(
      await talkTo('gemini-3.6-flash', user('x'), model(signed()), model(response())),
    ).toBeUndefined()
  })
})
