import type { Outcome } from './run.ts'

const MARKS = { passed: '✓', failed: '✗', unsaid: '–' } as const

/** How many of each state there are. */
export function countOf(outcomes: readonly Outcome[]) {
  const count = { passed: 0, failed: 0, unsaid: 0 }
  for (const { state } of outcomes) count[state]++
  return count
}

/**
 * The outcomes as lines of text: a table for each client's protocol with a row for each check and a
 * column for each model (whole, then streamed), what failed and why, and a count.
 */
export function tableOf(outcomes: readonly Outcome[]): string[] {
  const fronts = [...new Set(outcomes.map(({ front }) => front))]
  const lines = fronts.flatMap(front => frontTable(front, outcomes))
  const failures = outcomes.filter(({ state }) => state === 'failed')
  const { passed, failed, unsaid } = countOf(outcomes)
  return [
    ...lines,
    ...failures.map(
      ({ front, label, check, way, error }) => `✗ ${front} to ${label}, ${check}, ${way}: ${error}`,
    ),
    ...(failures.length > 0 ? [''] : []),
    `${passed} passed, ${failed} failed, ${unsaid} that a protocol has no words for`,
  ]
}

function frontTable(front: string, all: readonly Outcome[]): string[] {
  const outcomes = all.filter(outcome => outcome.front === front)
  const labels = [...new Set(outcomes.map(({ label }) => label))]
  const checks = [...new Set(outcomes.map(({ check }) => check))]
  const first = Math.max(...checks.map(name => name.length), front.length) + 2
  const widths = labels.map(label => Math.max(label.length, 3) + 2)
  const row = (head: string, cells: readonly string[]) =>
    head.padEnd(first) + cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('')
  return [
    row(front, labels),
    ...checks.map(check =>
      row(
        check,
        labels.map(label =>
          outcomes
            .filter(outcome => outcome.check === check && outcome.label === label)
            .map(({ state }) => MARKS[state])
            .join(' '),
        ),
      ),
    ),
    '',
  ]
}
