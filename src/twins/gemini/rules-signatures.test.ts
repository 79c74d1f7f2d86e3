import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { vertexTwin } from './index.ts'
import { isDummy, isGenuine, signPart } from './signature.ts'
import { call, complaint, DUMMY, model, response, studio, user, vertex } from './trial.ts'

const G3 = 'gemini-3-flash-preview'
const missing = (name: string, position: number) =>
  `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`
const CORRUPTED = 'Corrupted thought signature.'

const talk = (...contents: readonly object[]) => complaint({ contents }, studio(G3))
const ours = (name: string | undefined = 'f') => signPart(name, 'studio', seeded(3))
const signed = (thoughtSignature: string, name = 'f') => call(name, { thoughtSignature })
const step = (...parts: readonly object[]) => [
  model(...parts),
  user(...parts.map(() => response('f'))),
]

describe('signatures', () => {
  it('are needed on the first call of each step of the current turn', async () => {
    expect(await talk(user('x'), ...step(call('f')))).toBe(missing('f', 2))
    expect(await talk(user('x'), ...step(signed(ours())))).toBeUndefined()
    expect(await talk(user('x'), ...step(signed(ours()), call('f'), call('f')))).toBeUndefined()
    expect(await talk(user('x'), ...step(call('f'), signed(ours())))).toBe(missing('f', 2))
    expect(await talk(user('x'), ...step(signed(ours())), ...step(call('f')))).toBe(missing('f', 4))
    const steps = [...step(signed(ours())), ...step(signed(ours()), call('f'))]
    expect(await talk(user('x'), ...steps)).toBeUndefined()
  })

  it('of older turns are not looked at', async () => {
    const old = [user('x'), ...step(call('f')), ...step(signed('AAAA')), model('Done.')]
    expect(await talk(...old, user('And?'))).toBeUndefined()
    expect(await talk(...old, user('And?'), ...step(signed(ours())))).toBeUndefined()
    expect(await talk(...old, user('And?'), ...step(call('f')))).toBe(missing('f', 8))
    const mixed = [model(call('f')), user(response('f'), 'And?')]
    expect(await talk(user('x'), ...mixed)).toBeUndefined()
  })

  it('may be one of four documented values', async () => {
    const words = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']
    const spellings = words.flatMap(word => [word, Buffer.from(word).toString('base64')])
    expect(spellings).toContain('c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=')
    expect(spellings).toContain('Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv')
    for (const spelling of spellings) {
      expect(isDummy(spelling)).toBe(true)
      expect(await talk(user('x'), ...step(signed(spelling)))).toBeUndefined()
    }
    expect(isDummy('skip_thought_signature_validatoR')).toBe(false)
  })

  it('may come back in the other alphabet and without padding', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const signature = signPart('f', 'studio', seeded(seed))
      const url = Buffer.from(signature, 'base64').toString('base64url')
      const half = signature.replaceAll('/', '_')
      for (const spelling of [signature, url, half]) {
        expect(isGenuine(spelling, 'f', 'studio')).toBe(true)
        expect(await talk(user('x'), ...step(signed(spelling)))).toBeUndefined()
      }
    }
  })

  it('cannot be forged, moved or cut', async () => {
    const signature = ours()
    const at = 30
    const changed =
      signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1)
    const foreign = Buffer.from(
      'a signature of another vendor, which is rather long as they are',
    ).toString('base64')
    const shorter = signature.slice(0, -8)
    for (const wrong of [
      'AAAA',
      changed,
      foreign,
      shorter,
      ours('g'),
      signPart(undefined, 'studio', seeded(1)),
    ]) {
      expect(await talk(user('x'), ...step(signed(wrong)))).toBe(CORRUPTED)
    }
    expect(await talk(user('x'), ...step(signed(ours()), signed('AAAA')))).toBe(CORRUPTED)
    const text = { text: 'I look.', thoughtSignature: ours() }
    expect(await talk(user('x'), model(text, signed(ours())), user(response('f')))).toBe(CORRUPTED)
  })

  it('that are no base64 are refused before anything else', async () => {
    expect(await talk(user('x'), ...step(signed('sig:abc')))).toBe(
      'Invalid value at \'contents[1].parts[0].thought_signature\' (TYPE_BYTES), Base64 decoding failed for "sig:abc"',
    )
  })

  it('do not matter before Gemini 3', async () => {
    for (const name of ['gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-2.0-flash']) {
      for (const part of [call('f'), signed('AAAA'), signed(DUMMY), signed(ours())]) {
        expect(
          await complaint({ contents: [user('x'), ...step(part)] }, studio(name)),
        ).toBeUndefined()
      }
    }
  })

  it('are wanted whatever the level of thinking', async () => {
    const generationConfig = { thinkingConfig: { thinkingLevel: 'MINIMAL' } }
    const contents = [user('x'), ...step(call('f'))]
    expect(await complaint({ contents, generationConfig }, studio(G3))).toBe(missing('f', 2))
  })
})

describe('signatures on Vertex', () => {
  const refusal = (...contents: readonly object[]) =>
    complaint({ contents }, vertex(G3), vertexTwin())

  it('are checked in other words', async () => {
    expect(await refusal(user('x'), ...step(call('f')))).toBe(
      'Unable to submit request because function call `f` in the 2. content block is missing a `thought_signature`. Learn more: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures',
    )
    expect(await refusal(user('x'), ...step(signed('AAAA')))).toBe(
      'Unable to submit request because Thought signature is not valid.. Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini',
    )
    expect(await refusal(user('x'), ...step(signed(DUMMY)))).toBeUndefined()
  })

  it('are not those of AI Studio', async () => {
    const theirs = signPart('f', 'vertex', seeded(3))
    expect(await refusal(user('x'), ...step(signed(theirs)))).toBeUndefined()
    expect(await refusal(user('x'), ...step(signed(ours())))).toContain(
      'Thought signature is not valid.',
    )
    expect(await talk(user('x'), ...step(signed(theirs)))).toBe(CORRUPTED)
  })
})
