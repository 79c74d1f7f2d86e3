import { afterEach, describe, expect, it, vi } from 'vitest'
import { runTools } from '../../src/index.ts'
import { factsOf } from '../../src/run.ts'
import { closeTwins, play, SCENES } from './stage.ts'

afterEach(async () => {
  vi.unstubAllEnvs()
  await closeTwins()
})

describe('what the catalog knows of a model at an address', () => {
  it("tells a key to its own vendor's address alone", async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-of-the-user')
    expect(factsOf('gpt-4o', 'https://api.openai.com/v1')?.key).toBe('sk-of-the-user')
    for (const other of [
      'https://api.openai.com.evil.example/v1',
      'http://api.openai.com/v1',
      'http://127.0.0.1:1/v1',
    ])
      expect(factsOf('gpt-4o', other)?.key).toBeUndefined()
    const [chat] = SCENES
    const { twin, model, baseUrl } = await play(chat, [{ text: 'Hi.' }])
    await runTools({ model, baseUrl, prompt: 'Hi.', retries: 0 })
    expect(JSON.stringify(twin.requests)).not.toContain('Bearer')
  })

  it("is the protocol of a vendor's host, else that of the model's maker", () => {
    expect(factsOf('claude-sonnet-4-5', 'https://api.anthropic.com')).toMatchObject({
      protocol: 'anthropic',
      native: 'anthropic',
      family: 'anthropic',
      price: { input: expect.any(Number), output: expect.any(Number) },
    })
    expect(factsOf('gemini-2.5-flash', 'http://127.0.0.1:1')).toMatchObject({
      native: 'gemini',
      family: 'google',
    })
    expect(factsOf('home-made-1', 'http://127.0.0.1:1')).toBeUndefined()
    expect(
      factsOf('deepseek-chat', 'https://api.deepseek.com')?.quirks?.('openai-chat'),
    ).toMatchObject({
      maxTokensField: 'max_tokens',
    })
  })
})
