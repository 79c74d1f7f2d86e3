import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { isToolgateError } from '../../src/core/error.ts'
import { checkReach } from '../../src/core/reach.ts'
import { classifier, createGuards, runTools } from '../../src/index.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { forbidRealModels, startTwin, TWIN_VENDORS, type Twin } from '../../src/testing.ts'
import { SCENES, WAYS } from '../loop/stage.ts'

const model = {
  name: 'one that answers',
  answer: () => ({ blocks: [{ type: 'text', text: 'reached' } as const] }),
}

let twin: Twin
let gateway: RunningGateway | undefined
/** The twin by an address that is not loopback as far as its name tells. */
let elsewhere = ''
let lift = (): void => {}
beforeEach(async () => {
  const vendor = TWIN_VENDORS['openai']
  if (!vendor) throw new Error('there is a twin of this vendor')
  twin = await startTwin({ vendor, model })
  elsewhere = `0.0.0.0:${twin.port}`
  lift = forbidRealModels()
})
afterEach(async () => {
  lift()
  await gateway?.close()
  gateway = undefined
  await twin.close()
})

const ask = (host: string) =>
  runTools({ model: 'gpt-4o', baseUrl: `http://${host}/v1`, key: 'sk-test', prompt: 'hi' })

describe('a loop that may not call real models [T8]', () => {
  it.each(WAYS)('fails at once over $name, and names the address', async way => {
    const { model, protocol, path, stream } = way
    const baseUrl = `https://models.example.com${path}`
    const tries: string[] = []
    const run = runTools({ model, protocol, baseUrl, stream, key: 'sk-secret', prompt: 'hi' })
    for await (const { type } of run) if (type === 'model-retry') tries.push(type)
    const { ended, reason, error } = await run
    expect(ended).toBe('failed')
    expect(reason).toContain(`https://models.example.com${path}`)
    expect(reason).toContain('allow models.example.com')
    expect(isToolgateError(error) && error.code).toBe('permission')
    expect(tries).toEqual([])
    expect(JSON.stringify(await run)).not.toContain('sk-secret')
  })

  it('sends nothing, and reaches loopback and what is allowed', async () => {
    expect((await ask(elsewhere)).ended).toBe('failed')
    expect(twin.requests).toHaveLength(0)
    expect((await ask(`localhost:${twin.port}`)).text).toBe('reached')
    const liftMore = forbidRealModels({ allow: [elsewhere] })
    expect((await ask(elsewhere)).text).toBe('reached')
    liftMore()
    expect((await ask(elsewhere)).ended).toBe('failed')
    lift()
    expect((await ask(elsewhere)).text).toBe('reached')
  })
})

describe('a gateway that may not call real models [T8]', () => {
  async function house(account: object): Promise<(model: string) => Promise<string[]>> {
    const base = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
    const given = { name: 'a', provider: 'openai', key: 'sk-secret', source: 'test', ...account }
    gateway = await startGateway({ ...base, limits: { backoffMs: 1 }, accounts: [given] })
    const { url } = gateway
    return async model => {
      const answer = await request(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
      })
      return [String(answer.statusCode), await answer.body.text()]
    }
  }

  it('answers so in the words of the client, and reaches what is allowed', async () => {
    const chat = await house({ baseUrl: `http://${elsewhere}/v1` })
    const [status, text] = await chat('a/gpt-4o')
    expect(status).toBe('403')
    expect(text).toContain(`http://${elsewhere}/v1/chat/completions`)
    expect(text).not.toContain('sk-secret')
    expect(twin.requests).toHaveLength(0)
    lift()
    lift = forbidRealModels({ allow: ['0.0.0.0'] })
    expect(await chat('a/gpt-4o')).toEqual(['200', expect.stringContaining('reached')])
  })

  it('fetches no proof of who asks either', async () => {
    const credentials = JSON.stringify({
      type: 'authorized_user',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
    })
    const cloud = { project: 'p', location: 'global', credentials }
    const chat = await house({ provider: 'vertex', key: undefined, cloud })
    const began = performance.now()
    const [status, text] = await chat('a/gemini-2.5-flash')
    expect(status).toBe('403')
    expect(text).toContain('aiplatform.googleapis.com')
    expect(performance.now() - began).toBeLessThan(1000)
  })
})

describe('what may be reached [T8]', () => {
  it('holds a guardrail that asks a classifier to it', async () => {
    const guards = createGuards([classifier({ url: `http://${elsewhere}/judge` })])
    const { verdict } = await guards.check('input', 'hi')
    expect(verdict.type).toBe('refuse')
    expect(twin.requests).toHaveLength(0)
  })

  it('is loopback by its name, and hosts with or without their port', () => {
    const reaches = (url: string): boolean => {
      try {
        checkReach(url)
        return true
      } catch (error) {
        expect(isToolgateError(error) && error.message).toContain(new URL(url).origin)
        return false
      }
    }
    for (const host of ['127.0.0.1', '127.9.9.9:80', 'localhost:1', 'a.localhost', '[::1]:8'])
      expect([host, reaches(`http://${host}/v1`)]).toEqual([host, true])
    for (const host of ['127.0.0.1.example.com', 'localhost.example.com', '10.0.0.1', '[::2]'])
      expect([host, reaches(`https://${host}/v1?key=secret`)]).toEqual([host, false])
    lift()
    lift = forbidRealModels({ allow: ['twins.test', '10.0.0.5:8080', 'tls.test:443', '[::2]'] })
    for (const url of [
      ...['http://twins.test:99', 'https://twins.test', 'http://10.0.0.5:8080'],
      ...['https://tls.test', 'http://[::2]:80'],
    ])
      expect([url, reaches(url)]).toEqual([url, true])
    for (const url of ['http://10.0.0.5', 'http://tls.test', 'http://a.twins.test'])
      expect([url, reaches(url)]).toEqual([url, false])
    for (const host of ['', 'https://a.test', 'a.test/v1', 'a b', 'a.test:x'])
      expect(() => forbidRealModels({ allow: [host] })).toThrow(`'${host}' is no host`)
  })

  it('does not tell a query, in which a key may stand', () => {
    expect(() => checkReach('https://a.test', '/v1?key=secret')).toThrow(/https:\/\/a\.test\/v1 is/)
  })

  it.each([
    ['1', 'permission'],
    ['true', 'permission'],
    ['other.test', 'permission'],
    ['other.test, 0.0.0.0', 'reached'],
    ['', 'reached'],
    ['0', 'reached'],
  ])('is told to other processes by the environment: %j', async (value, said) => {
    const [chat] = SCENES
    const library = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href
    const code = `
      import { runTools } from ${JSON.stringify(library)}
      const { text, error } = await runTools(${JSON.stringify({
        model: chat.model,
        baseUrl: `http://${elsewhere}/v1`,
        key: 'sk-test',
        prompt: 'hi',
      })})
      console.log(error?.code ?? text)`
    expect(await runChild(code, value)).toBe(`${said}\n`)
  })
})

/** Runs a program, and gives back what it says. */
async function runChild(code: string, value: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, TOOLGATE_FORBID_REAL_MODELS: value },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      text += chunk
    })
  await once(child, 'close')
  return text
}
