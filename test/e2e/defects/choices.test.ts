import { afterEach, describe, expect, it } from 'vitest'
import { stateHouse } from '../state-house.ts'
import { CHAT_TOOLS, MESSAGES_TOOLS, post, QUESTION } from './clients.ts'
import { listener, MODEL_OF, VENDORS } from './prompts.ts'

/** How other gateways weaken what a client asks of calls. The names are those of the reports. */
const house = stateHouse()
afterEach(() => house.close())

const LOOK = { type: 'function', function: { name: 'look' } }
const CHOICES = [
  ['auto', 'auto', { type: 'auto' }],
  ['none', 'none', { type: 'none' }],
  ['required', 'required', { type: 'any' }],
  ['tool', LOOK, { type: 'tool', name: 'look' }],
] as const

/** What the model of a vendor understood of one request. */
async function understood(vendor: (typeof VENDORS)[number], path: string, fields: object) {
  const { model, prompts } = listener()
  const { url } = await house.gateway({ [vendor]: await house.twin(vendor, model) })
  const tools = path === '/v1/messages' ? MESSAGES_TOOLS : CHAT_TOOLS
  const base = { model: MODEL_OF[vendor], max_tokens: 500, messages: [QUESTION], tools }
  await post(url, path, { ...base, ...fields })
  const [prompt] = prompts
  if (!prompt || prompts.length > 1) throw new Error(`${prompts.length} requests`)
  return prompt
}

describe.each(VENDORS)('choices that other gateways lose, with %s [G12]', vendor => {
  it.each(CHOICES)(
    'bifrost#3290, #2049, litellm#24443, Portkey#1474, headroom#2689: %s is neither dropped nor weakened',
    async (mode, chat, messages) => {
      for (const [path, tool_choice] of [
        ['/v1/chat/completions', chat],
        ['/v1/messages', messages],
      ] as const) {
        const { choice, tools } = await understood(vendor, path, { tool_choice })
        // Where a vendor has no word for it, its model is not told of any tool.
        if (mode === 'none') expect(choice.mode === 'none' || tools.length === 0).toBe(true)
        else if (mode === 'tool') {
          const alone = choice.mode === 'required' && tools.length === 1
          expect(alone ? tools[0]?.name : choice.name).toBe('look')
        } else expect(choice.mode).toBe(mode)
        if (mode === 'auto' || mode === 'required') expect(tools).toHaveLength(2)
      }
    },
  )
})

describe('choices that other gateways lose [G12]', () => {
  it.each(['auto', 'required'] as const)(
    'bifrost#7348: allowed_tools (%s) leave Claude only these tools',
    async mode => {
      const tool_choice = { type: 'allowed_tools', allowed_tools: { mode, tools: [LOOK] } }
      const prompt = await understood('anthropic', '/v1/chat/completions', { tool_choice })
      expect(prompt.tools.map(({ name }) => name)).toEqual(['look'])
      expect(prompt.choice.mode).toBe(mode)
    },
  )

  it.each([undefined, 'auto', 'required', LOOK])(
    'bifrost#7348: parallel_tool_calls false reaches Claude, beside the choice %j',
    async choice => {
      const tool_choice = choice === undefined ? {} : { tool_choice: choice }
      const fields = { parallel_tool_calls: false, ...tool_choice }
      const prompt = await understood('anthropic', '/v1/chat/completions', fields)
      expect(prompt.parallel).toBe(false)
    },
  )
})
