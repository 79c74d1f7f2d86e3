// What is tried on every client, and what counts as right. Each case is played by a strict twin; what
// is judged is what the twin received, what the tool was run with, what came out, and when.

const call = (n, more = {}) => ({
  type: 'call',
  name: 'count',
  arguments: JSON.stringify({ n }),
  ...more,
})
const text = words => ({ blocks: [{ type: 'text', text: words }] })
const DONE = 'All done.'

/** What is secret in the case of the leak. */
export const SECRET = 'SECRET 123'
/** Milliseconds. */
export const DEADLINE = 1000
/** After this a run that has not ended counts as hung, in milliseconds. */
export const PATIENCE = 6000

const never = () => new Promise(() => setInterval(() => {}, 1000))
const bytes = count =>
  count < 10_000 ? `${count} bytes` : `${(count / 1024 / 1024).toFixed(2)} MiB`
const quote = words => `“${words.length > 140 ? `${words.slice(0, 139)}…` : words}”`

/** How a run came out, in words. */
function ending({ ended, error, text: words, ms }) {
  if (ended === 'hung') return `had not ended after ${PATIENCE / 1000} s`
  const when = `after ${(ms / 1000).toFixed(1)} s`
  return ended === 'threw' ? `threw ${quote(error)} ${when}` : `ended with ${quote(words)} ${when}`
}

const answered = ({ ended, text: words }) => ended === 'returned' && words === DONE
const told = ({ results }) =>
  results.length === 0 ? 'the model was told nothing' : `the model was told ${quote(results[0])}`

/**
 * `criterion` is what passes; `turns` what the model says after so many answers; `execute` what the
 * tool does; `judge` gives the verdict, `pass`, `fail` or `none` (there is nothing of the kind to
 * try), and what was seen.
 */
export const CASES = [
  {
    name: 'hanging tool',
    criterion:
      'a tool ignores its signal and never settles; with a deadline of 1 s (for a call, else for the run) the run ends within 3 s',
    deadlineMs: DEADLINE,
    turns: said => (said === 0 ? { blocks: [call(1)] } : text(DONE)),
    execute: never,
    judge: seen => [
      seen.ended !== 'hung' && seen.ms < 3000 ? 'pass' : 'fail',
      seen.results.length > 0 ? `${told(seen)}; ${ending(seen)}` : ending(seen),
    ],
  },
  {
    name: 'invalid arguments',
    criterion:
      'the schema is plain JSON Schema, `n` an integer, and the model sends `{"n":"three"}`: the tool is not run with it, and the model is told of `n`',
    turns: said =>
      said === 0 ? { blocks: [call(0, { arguments: '{"n":"three"}' })] } : text(DONE),
    judge: seen => [
      seen.ran.length === 0 && seen.results.some(one => /\bn\b/.test(one)) ? 'pass' : 'fail',
      seen.ran.length > 0
        ? `ran with \`${JSON.stringify(seen.ran[0])}\``
        : `not run; ${told(seen)}`,
    ],
  },
  {
    name: 'unknown tool',
    criterion:
      'the model calls a tool that is not there: it is told so, and the run goes on to the answer',
    turns: said => (said === 0 ? { blocks: [call(1, { name: 'lookup' })] } : text(DONE)),
    optIn: { agents: "`toolNotFoundBehavior: 'return_error_to_model'`" },
    judge: seen => [
      answered(seen) && seen.results.length > 0 ? 'pass' : 'fail',
      answered(seen) ? told(seen) : ending(seen),
    ],
  },
  {
    name: 'duplicate id',
    criterion:
      'a turn holds the same call twice under one id: the tool runs once, and the run goes on to the answer',
    turns: said =>
      said === 0
        ? { blocks: [call(1, { id: 'call_same' }), call(1, { id: 'call_same' })] }
        : text(DONE),
    judge: seen => [
      seen.ran.length === 1 && answered(seen) ? 'pass' : 'fail',
      `ran ${seen.ran.length === 1 ? 'once' : `${seen.ran.length} times`}; ${ending(seen)}`,
    ],
  },
  {
    name: '5 MB result',
    criterion:
      'a tool answers 5 MB of text, and nothing is set: the next request is under 1 MiB, and says that something was cut',
    turns: said => (said === 0 ? { blocks: [call(1)] } : text(DONE)),
    execute: () => 'x'.repeat(5_000_000),
    judge: seen => [
      answered(seen) &&
      seen.lastBytes < 1024 * 1024 &&
      /cut|truncat|omitted|left out/i.test(seen.results[0]?.replace(/x{9,}/g, ' ') ?? '')
        ? 'pass'
        : 'fail',
      `the next request had ${bytes(seen.lastBytes)}; ${ending(seen)}`,
    ],
  },
  {
    name: 'leak before a tripwire',
    criterion: `an output guardrail forbids “${SECRET}”, which the model says in mid-stream: who reads the stream sees none of it`,
    stream: true,
    secret: SECRET,
    // Nothing to set: these have no guardrails, so the case shows only what a stream does without.
    without: ['ai', 'openai', 'anthropic'],
    note: 'Toolgate shows what no rule can object to any more as it comes; where a rule has to see the whole answer, or may want another, nothing before its end.',
    turns: () => text(`Your code is ${SECRET}, keep it well and tell nobody.`),
    judge: seen => [
      seen.without ? 'none' : seen.stream.includes('SECRET') ? 'fail' : 'pass',
      seen.without
        ? `no output guardrails; the reader saw ${quote(seen.stream)}`
        : `the reader saw ${quote(seen.stream)}; ${ending(seen)}`,
    ],
  },
  {
    name: 'turn limit',
    criterion:
      'the model goes on calling, with a limit of 3 turns: the result or the error says that the limit ended the run',
    maxTurns: 3,
    turns: (said, prompt) =>
      prompt.tools.length === 0 || prompt.choice.mode === 'none'
        ? text('So far: 2.')
        : { blocks: [call(said)] },
    judge: seen => {
      const words = seen.ended === 'threw' ? seen.error : JSON.stringify(seen.outcome)
      const shown =
        seen.ended === 'threw' ? ending(seen) : `returned ${quote(seen.text)} and \`${words}\``
      return [
        /max.?turns|limit|budget|max.?iterations/i.test(words) ? 'pass' : 'fail',
        `${shown}; ${seen.ran.length} calls ran, ${seen.asked} requests`,
      ]
    },
  },
]
