import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AGENTS } from './agents.ts'
import { type AgentHouse, houseOf } from './house.ts'
import { worker } from './model.ts'
import { install, session } from './session.ts'

/** One model of each vendor, of those that such agents are used with. */
const MODELS = [
  ['gpt-5.4', 'openai'],
  ['claude-sonnet-5', 'anthropic'],
  ['gemini-3.5-flash', 'google'],
  ['deepseek-v4-pro', 'deepseek'],
] as const

let house: AgentHouse
beforeAll(async () => {
  house = await houseOf(worker())
})
afterAll(() => house.close())

/** Coding agents as they are installed, each with its own tool that runs commands. */
describe.each(AGENTS.map(agent => [agent.package, agent] as const))('[G13] %s', (_, agent) => {
  let program: string
  beforeAll(async () => {
    program = await install(agent)
  }, 300_000)

  it.each(MODELS)('reads two files at once and writes a third with %s', async (model, vendor) => {
    const contents = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
    const before = house.log().length
    const ended = await session(agent, program, house.url, model, contents)
    const log = house.log().slice(before)
    const told = `${ended.output}\n${ended.errors}\n${log}`
    expect(ended.code, told).toBe(0)
    expect(ended.written, told).toBe(`${contents.join('\n')}\n`)
    const vendors = Array.from(log.matchAll(/"vendor":"([^"]*)"/g), match => match[1])
    expect(new Set(vendors), told).toEqual(new Set([vendor]))
    for (const content of contents) expect(ended.output, told).toContain(content)
  })
})
