import type { Case } from '../case.ts'
import { call, text, user, WEATHER } from './tools.ts'

const SEARCH = {
  more: { 'openai-chat': { web_search_options: {} } },
  moreTools: {
    'openai-responses': [{ type: 'web_search' }],
    anthropic: [{ type: 'web_search_20250305', name: 'web_search' }],
    gemini: [{ googleSearch: {} }],
  },
} as const

/** Tools that the vendor runs itself: to their own vendor they pass, for any other they are refused. */
export const SERVER_TOOLS: readonly Case[] = [
  {
    name: 'a server tool',
    models: { 'openai-chat': 'gpt-4o-search-preview' },
    steps: [
      {
        ask: () => ({ messages: [user('What is new?')], ...SEARCH }),
        turn: { blocks: [text('Much.')] },
        blocks: [text('Much.')],
        end: 'stop',
        refused: ({ front, back }) => (front === back ? undefined : /search/i),
      },
    ],
  },
  {
    name: 'a server tool beside a function',
    steps: [
      {
        ask: () => ({
          messages: [user('What is new in Paris?')],
          tools: [WEATHER],
          moreTools: SEARCH.moreTools,
          more: {
            gemini: { toolConfig: { includeServerSideToolInvocations: true } },
          },
        }),
        turn: { blocks: [call('get_weather', '{"city":"Paris"}')] },
        blocks: [call('get_weather', '{"city":"Paris"}')],
        end: 'calls',
        refused: ({ front, back }) => (front === back ? undefined : /search/i),
      },
    ],
    notSupported: { 'openai-chat': 'Chat Completions has no server tools beside functions' },
  },
]
