import type { RunEvent } from '../loop/index.ts'

/** Characters of a result that a person is shown. */
const SHOWN = 400

/** An event as one line of JSON; an error as its name, code and message. */
export function jsonLine(event: RunEvent): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    value instanceof Error
      ? {
          name: value.name,
          message: value.message,
          ...('code' in value ? { code: value.code } : {}),
        }
      : value,
  )
}

/** What a person is told of an event besides the answer's text; `undefined` if nothing. */
export function lineFor(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'call-start':
      return `> ${event.tool} ${shorten(JSON.stringify(event.input) ?? '')}`
    case 'call-progress':
      return `  ${event.tool}: ${shorten(JSON.stringify(event.value))}`
    case 'call-end': {
      const how = `${event.outcome} in ${event.ms} ms, ${event.receipt?.tier ?? 'inline'}`
      const cut = event.cut === undefined ? '' : ` (${event.cut})`
      return `< ${event.tool} [${how}]${cut}: ${shorten(event.text)}`
    }
    case 'call-late':
      return `! ${event.tool} has settled after it was given up`
    case 'model-retry':
      return `! trying again in ${Math.round(event.waitMs)} ms: ${event.error.message}`
    case 'guardrail':
      return event.verdict.type === 'allow' ? undefined : `! guard: ${event.verdict.type}`
    case 'notice':
      return `! ${event.what}`
    default:
      return undefined
  }
}

/** One line without control characters, which could rewrite what a terminal shows. */
export function shorten(text: string): string {
  const line = plain(text).replace(/\s+/g, ' ')
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN)}… (${line.length} characters)`
}

/** Text without the control characters that command a terminal; line ends and tabs stay. */
export function plain(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '')
}
