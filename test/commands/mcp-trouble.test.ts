import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { runTools } from '../../src/index.ts'
import { type McpTools, mcpTools } from '../../src/mcp/client.ts'
import { closeTwins, expectAccepted, play, SCENES } from '../loop/stage.ts'

const file = fileURLToPath(new URL('mcp-trouble-server.mjs', import.meta.url))
const open: McpTools[] = []

async function connect(...how: string[]): Promise<McpTools> {
  const found = await mcpTools({ command: process.execPath, args: [file, ...how] })
  open.push(found)
  return found
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await closeTwins()
})

const [scene] = SCENES
const callOf = (...names: string[]) => ({
  calls: names.map(name => ({ name, arguments: {} })),
})

describe('[L8] an MCP server', () => {
  it('may list its tools in pages', async () => {
    const { tools } = await connect()
    expect(tools.map(({ name }) => name)).toEqual(['die', 'echo', 'hang'])
  })

  it('may have patterns of another dialect: it is the one that checks them', async () => {
    const { tools } = await connect()
    const { twin, ...at } = await play(scene, [
      {
        calls: [
          { name: 'echo', arguments: { a: 'y' } },
          { name: 'echo', arguments: { a: 1 } },
        ],
      },
      { text: 'Heard.' },
    ])
    const result = await runTools({ ...at, prompt: 'Go.', tools })
    expect(tools[1]?.parameters).toMatchObject({ properties: { a: { pattern: '(?i)^x' } } })
    expect(result.calls.map(({ outcome }) => outcome)).toEqual(['invalid', 'returned'])
    twin.finish()
  })

  it('whose list of tools does not end is refused', async () => {
    await expect(connect('stuck')).rejects.toThrow(/cannot be used: its list of tools stays at '1'/)
    await expect(connect('endless')).rejects.toThrow(/more than 1000 pages/)
  })

  it('that hangs is given up at the deadline of the call, and the run goes on', async () => {
    const { tools } = await connect()
    const { twin, ...at } = await play(scene, [callOf('hang', 'echo'), { text: 'Given up.' }])
    const result = await runTools({ ...at, prompt: 'Go.', tools, callTimeoutMs: 300 })
    expect(result).toMatchObject({ ended: 'answered', text: 'Given up.' })
    expect(Object.fromEntries(result.calls.map(({ tool, outcome }) => [tool, outcome]))).toEqual({
      hang: 'timeout',
      echo: 'returned',
    })
    twin.finish()
    await expectAccepted(result)
  })

  it('that dies in a call is an error that the model is told, in this call and the next', async () => {
    const { tools } = await connect()
    const { twin, ...at } = await play(scene, [callOf('die'), callOf('echo'), { text: 'It died.' }])
    const result = await runTools({ ...at, prompt: 'Go.', tools })
    expect(result).toMatchObject({ ended: 'answered', text: 'It died.' })
    expect(result.calls.map(({ tool, outcome }) => [tool, outcome])).toEqual([
      ['die', 'threw'],
      ['echo', 'threw'],
    ])
    twin.finish()
    await expectAccepted(result)
  })
})
