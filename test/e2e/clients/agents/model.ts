import type { TwinModel, TwinPrompt, TwinTurn } from '../../../../src/twins/model.ts'

/** The tools of coding agents that run a command, and the parameter that takes it. */
const SHELLS: { readonly [tool: string]: string } = {
  exec_command: 'cmd',
  Bash: 'command',
  run_shell_command: 'command',
}

/** The files that the agent is made to read, both at once. */
export const FILES = ['first.txt', 'second.txt'] as const
/** The file that it is made to write then. */
export const COPY = 'both.txt'

/**
 * The model behind the sessions of coding agents: it reads two files at once through the agent's own
 * tool, then has a third one written, then says what it was told. A request without such a tool, as
 * agents make them for titles, gets a word.
 */
export function worker(): TwinModel {
  return { name: 'worker', answer }
}

function answer(prompt: TwinPrompt): TwinTurn {
  const tool = prompt.tools.find(({ name }) => name in SHELLS)
  if (!tool) return { blocks: [{ type: 'text', text: 'A session' }] }
  const run = (command: string) => ({
    type: 'call' as const,
    name: tool.name,
    arguments: JSON.stringify({ [SHELLS[tool.name] ?? '']: command, ...more(tool.parameters) }),
  })
  const turns = prompt.messages.filter(
    message => message.role === 'assistant' && message.calls.length > 0,
  ).length
  if (turns === 0) return { blocks: FILES.map(file => run(`cat ${file}`)) }
  if (turns === 1) return { blocks: [run(`cat ${FILES.join(' ')} > ${COPY}`)] }
  const told = prompt.messages.flatMap(message =>
    message.role === 'tool' ? [message.text.replaceAll(/\s+/g, ' ')] : [],
  )
  return { blocks: [{ type: 'text', text: `I was told: ${told.join(' | ')}` }] }
}

/** Other parameters that the tool wants: a text each. */
function more(parameters: unknown): { [name: string]: string } {
  const required: unknown = Object(parameters).required
  if (!Array.isArray(required)) return {}
  const texts = required.filter(name => !Object.values(SHELLS).includes(name))
  return Object.fromEntries(texts.map(name => [name, 'Look at the files']))
}
