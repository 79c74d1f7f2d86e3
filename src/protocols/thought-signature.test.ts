import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callSignature, splitId } from './thought-signature.ts'

const SIGNATURE = 'CsIBAdHtim_9qZ0-s3V1bGQgYmUgbG9uZw=='

describe('a signature on a call', () => {
  it.each([
    ["Google's field", { extra_content: { google: { thought_signature: 'S' } } }],
    ['the call', { thought_signature: 'S' }],
    ['its function', { function: { thought_signature: 'S' } }],
    ["LiteLLM's field", { provider_specific_fields: { thought_signature: 'S' } }],
    [
      "LiteLLM's field of the function",
      { function: { provider_specific_fields: { thought_signature: 'S' } } },
    ],
  ])('is read from %s', (_, call) => expect(callSignature(call)).toBe('S'))

  it('is not read from what is no text', () => {
    expect(callSignature({})).toBe('')
    expect(callSignature({ extra_content: 'x', thought_signature: 7, function: null })).toBe('')
  })
})

describe('a signature in an id', () => {
  it.each([
    [`call_a__thought__${SIGNATURE}`, 'call_a', SIGNATURE],
    [`call_a__thought__old__thought__${SIGNATURE}`, 'call_a', SIGNATURE],
    [`look_ts_${SIGNATURE.replace('==', '')}`, 'look', SIGNATURE.replace('==', '')],
    [`get_ts_data_ts_${SIGNATURE}`, 'get_ts_data', SIGNATURE],
  ])('is parted: %s', (whole, id, signature) => {
    expect(splitId(whole)).toEqual({ id, signature })
  })

  it.each(['', 'call_abc', 'call_ts_1', 'get_ts_data', '__thought__x', 'functions.a_ts_b:0'])(
    'is not seen where there is none: %s',
    id => expect(splitId(id)).toEqual({ id, signature: '' }),
  )

  it('leaves ids of vendors as they are', () => {
    const vendors = fc.oneof(
      fc.stringMatching(/^call_[A-Za-z0-9]{24}$/),
      fc.stringMatching(/^toolu_[A-Za-z0-9]{22}$/),
      fc.stringMatching(/^[A-Za-z0-9]{9}$/),
      fc.stringMatching(/^functions\.[a-z]{1,20}:\d$/),
    )
    fc.assert(
      fc.property(vendors, id => {
        expect(splitId(id).id).toBe(id)
      }),
    )
  })
})
