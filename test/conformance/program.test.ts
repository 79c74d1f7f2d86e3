import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { DIALECTS } from '../../src/conformance/ask.ts'
import { readConformance } from '../../src/conformance/options.ts'
import { countOf, tableOf } from '../../src/conformance/report.ts'
import { measure } from '../../src/conformance/run.ts'
import { startVendors, USUAL_MODELS } from '../../src/conformance/vendors.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const run = promisify(execFile)

let gateway: RunningGateway
beforeAll(async () => {
  gateway = await startGateway(loadConfig({ port: '0', log: 'silent', rehearsal: true }, {}))
})
afterAll(() => gateway.close())

describe('a measurement', () => {
  it('[G1.2] finds nothing wrong with a gateway in rehearsal', async () => {
    const outcomes = await measure(readConformance({}, gateway.url, USUAL_MODELS))
    expect(outcomes.filter(({ state }) => state === 'failed')).toEqual([])
    expect(countOf(outcomes).passed).toBeGreaterThan(500)
    expect(tableOf(outcomes).at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ that/)
  }, 90_000)

  it('[G1.7] finds nothing wrong with Converse, but that a schema in words holds nobody', async () => {
    const models = 'converse=bedrock/us.amazon.nova-pro-v1:0'
    const outcomes = await measure(readConformance({ models }, gateway.url, []))
    const failed = outcomes.filter(({ state }) => state === 'failed')
    // The stand-in for a model does not read the words; a live one would.
    expect(new Set(failed.map(({ check }) => check))).toEqual(new Set(['structured output']))
    expect(countOf(outcomes).passed).toBeGreaterThan(100)
  }, 90_000)

  it('finds what is wrong with a gateway that is none', async () => {
    const vendors = await startVendors()
    try {
      // A vendor's double speaks its own protocol only.
      const [, messages] = vendors.twins
      const measurement = readConformance(
        { models: 'messages=claude-sonnet-4-5', only: 'one call' },
        messages?.url ?? '',
        [],
      )
      const outcomes = await measure(measurement)
      const passed = outcomes.filter(({ state }) => state === 'passed')
      expect(new Set(passed.map(({ front }) => front))).toEqual(new Set(['anthropic']))
      expect(outcomes).toHaveLength(DIALECTS.length * 2)
    } finally {
      await vendors.close()
    }
  })
})

describe('the command line', () => {
  it.each([
    [{ front: 'chats' }, /--front: expected one of chat, responses, messages, gemini/],
    [{ models: 'gpt-4o' }, /--models: expected name=value, found 'gpt-4o'/],
    [{ timeout: 'soon' }, /--timeout: expected a number of seconds/],
  ])('says what is wrong with %j', (typed, words) => {
    expect(() => readConformance(typed, 'http://x', [])).toThrow(words)
  })

  it('prints a table, and ends with 0', async () => {
    const args = ['conformance', '--base', gateway.url, '--front', 'gemini', '--only', 'one call']
    const { stdout } = await run(process.execPath, [cli, ...args])
    expect(stdout).toContain('8 passed, 0 failed')
  })

  it('ends with 1 if something failed, and prints JSON', async () => {
    const args = ['--base', gateway.url, '--models', 'x=no-such-model', '--only', 'text', '--json']
    const failed = await run(process.execPath, [cli, 'conformance', ...args]).catch(error => error)
    expect(failed.code).toBe(1)
    expect(JSON.parse(failed.stdout).count).toMatchObject({ passed: 0, failed: 8 })
  })
})
