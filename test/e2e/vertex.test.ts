import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/file.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

const folder = mkdtempSync(join(tmpdir(), 'toolgate-vertex-'))
const subject = join(folder, 'subject')
writeFileSync(subject, 'secret-subject-token')

/** A loopback token service of Google's kind: `expires` seconds for each token. */
let tokens: Server
let tokensGiven = 0
let refuse = false
let expires = 3600
let twin: Twin
let gateway: RunningGateway | undefined
let log = ''

beforeEach(async () => {
  tokensGiven = 0
  refuse = false
  expires = 3600
  log = ''
  tokens = createServer((incoming, answer) => {
    incoming.resume()
    answer.writeHead(refuse ? 400 : 200, { 'content-type': 'application/json' })
    if (refuse) return answer.end('{"error":"invalid_grant","error_description":"secret-reason"}')
    return answer.end(
      JSON.stringify({
        access_token: `ya29.secret-token-${++tokensGiven}`,
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: expires,
      }),
    )
  })
  await new Promise<void>(done => tokens.listen(0, '127.0.0.1', done))
})

afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  await twin.close()
  await new Promise(done => tokens.close(done))
})

/** Credentials that lead Google's own library to the loopback token service. */
function credentialsFile(): string {
  const address = tokens.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const path = join(folder, `credentials-${port}.json`)
  const audience =
    '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q'
  writeFileSync(
    path,
    JSON.stringify({
      type: 'external_account',
      audience,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `http://127.0.0.1:${port}/v1/token`,
      credential_source: { file: subject },
    }),
  )
  return path
}

const model: TwinModel = {
  name: 'caller',
  answer: () => ({ blocks: [{ type: 'call', name: 'add', arguments: '{"a":1}' }] }),
}

async function house(provider: string, credentials?: string): Promise<void> {
  const vendor = TWIN_VENDORS[provider]
  if (!vendor) throw new Error(`no twin of ${provider}`)
  twin = await startTwin({ vendor, model, seed: 5 })
  const file = join(folder, `${provider}.yaml`)
  writeFileSync(
    file,
    [
      'rehearsal: false',
      'accounts:',
      '  v:',
      `    provider: ${provider}`,
      '    project: p-1',
      '    location: europe-west4',
      `    baseUrl: ${twin.url}`,
      `    credentials: ${JSON.stringify(credentials ?? credentialsFile())}`,
    ].join('\n'),
  )
  gateway = await startGateway(loadConfig({ port: '0', config: file }, {}), {
    write: line => (log += line),
  })
}

const parameters = { type: 'object', properties: { a: { type: 'integer' } } }
const HOUSES = [
  ['vertex', 'gemini-2.5-flash', '/publishers/google/models/gemini-2.5-flash:'],
  [
    'vertex-anthropic',
    'claude-haiku-4-5@20251001',
    '/publishers/anthropic/models/claude-haiku-4-5@20251001:',
  ],
] as const

async function post(path: string, body: object) {
  const answer = await request(`${gateway?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}

function chat(name: string, more: object = {}) {
  return post('/v1/chat/completions', {
    model: `v/${name}`,
    messages: [{ role: 'user', content: 'Add 1' }],
    tools: [{ type: 'function', function: { name: 'add', parameters } }],
    ...more,
  })
}

function messages(name: string, more: object = {}) {
  return post('/v1/messages', {
    model: `v/${name}`,
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Add 1' }],
    tools: [{ name: 'add', input_schema: parameters }],
    ...more,
  })
}

describe.each(HOUSES)('[G1.6] %s in a project', (provider, name, path) => {
  it('calls tools over Chat and Messages, whole and streamed, with one token for all', async () => {
    await house(provider)
    for (const ask of [chat, messages]) {
      for (const stream of [false, true]) {
        const { status, text } = await ask(name, { stream })
        expect(status, text).toBe(200)
        expect(text).toMatch(/"name": ?"add"/)
        expect(text).toContain(stream ? 'data: ' : '"a')
      }
    }
    expect(tokensGiven).toBe(1)
    const sent = twin.requests.map(one => one.path)
    expect(sent).toHaveLength(4)
    for (const one of sent) expect(one).toContain(`/v1/projects/p-1/locations/europe-west4${path}`)
  })

  it('renews a token before it runs out', async () => {
    expires = 100
    await house(provider)
    await chat(name)
    await chat(name)
    expect(tokensGiven).toBe(2)
  })

  it('takes results back', async () => {
    await house(provider)
    const call = { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }
    const { status, text } = await chat(name, {
      messages: [
        { role: 'user', content: 'Add 1' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: '2' },
      ],
    })
    expect(status, text).toBe(200)
  })

  it('says what is missing, and no secret', async () => {
    await house(provider, '/nowhere/at-all.json')
    const { status, text } = await chat(name)
    expect(status).toBe(502)
    expect(text).toContain('the credentials file /nowhere/at-all.json: there is no such file')
    expect(twin.requests).toHaveLength(0)
  })

  it('tells that the token service refused, keeps its words to itself, and tries again', async () => {
    refuse = true
    await house(provider)
    const { status, text } = await chat(name)
    expect(status).toBe(502)
    expect(text).toMatch(/Google refused them|token service/)
    refuse = false
    expect((await chat(name)).status).toBe(200)
    for (const said of [text, log]) expect(said).not.toContain('secret')
  })
})

describe('the configuration of a project', () => {
  it('names a field without its project, and a vendor without projects', () => {
    const check = (account: string) => {
      const file = join(folder, 'check.yaml')
      writeFileSync(file, `accounts:\n  a: ${account}\n`)
      return () => loadConfig({ config: file }, {})
    }
    expect(check('{ provider: vertex, key: k, location: global }')).toThrow(
      /accounts\.a\.location: there is no project beside it/,
    )
    expect(check('{ provider: openai, key: k, project: p }')).toThrow(/OpenAI has no projects/)
    expect(check('{ provider: vertex-anthropic }')).toThrow(/needs a project/)
    expect(check('{ provider: vertex, key: k, region: x }')).toThrow(/has no regions/)
    expect(check('{ provider: vertex, project: "../p" }')).toThrow(/is no project/)
    expect(() => parseConfig('accounts:\n  a: { provider: vertex, zone: x }\n', 'f', {})).toThrow(
      /unknown key/,
    )
  })

  it("comes from the variables of the vendors' own libraries", () => {
    const addresses = (environment: { [name: string]: string }) =>
      loadConfig({}, environment).accounts.map(({ name, baseUrl }) => [name, baseUrl])
    expect(addresses({ GOOGLE_CLOUD_PROJECT: 'p' })).toEqual([])
    expect(addresses({ GOOGLE_CLOUD_PROJECT: 'p', GOOGLE_GENAI_USE_VERTEXAI: 'true' })).toEqual([
      [
        'vertex-main',
        'https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google',
      ],
    ])
    expect(addresses({ ANTHROPIC_VERTEX_PROJECT_ID: 'p', CLOUD_ML_REGION: 'us-east5' })).toEqual([
      [
        'vertex-anthropic-main',
        'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic',
      ],
    ])
  })
})
