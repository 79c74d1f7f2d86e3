import { GUARD_POINTS } from '../guardrails/index.ts'
import { type GuardrailConfig, type GuardrailSettings, guardrailOf } from './guardrails.ts'

/** Guardrails in lines for a person. What they look for is not shown: it may be secret. */
export function explainGuardrails({ rules, audit, deadlineMs }: GuardrailConfig): string[] {
  const lines = rules.map(rule => `guardrails     ${explainRule(rule)}`)
  if (rules.some(holdsAnswers))
    lines.push('               streams wait for their end, because a classifier reads answers')
  if (deadlineMs !== undefined)
    lines.push(`               what takes more than ${deadlineMs} ms refuses`)
  if (audit)
    lines.push(`audit log      ${audit.file}${audit.content ? ', with what was checked' : ''}`)
  return lines
}

function explainRule(rule: GuardrailSettings): string {
  const { name, points } = guardrailOf(rule)
  const called = name === rule.rule ? name : `${rule.rule} '${name}'`
  const where = GUARD_POINTS.every(point => points.includes(point))
    ? 'everywhere'
    : `at ${points.join(', ')}`
  const { keys, models } = rule
  const whose = [
    ...(keys ? [`for ${keys.join(', ')}`] : []),
    ...(models ? [`with ${models.join(', ')}`] : []),
  ]
  return [`${called} ${actionOf(rule)} ${where}`, ...whose].join(', ')
}

const REWRITES: readonly string[] = ['secrets', 'personal-data', 'urls', 'hidden-text']

function actionOf(rule: GuardrailSettings): string {
  const said = 'action' in rule ? rule.action : undefined
  const action = said ?? (REWRITES.includes(rule.rule) ? 'rewrite' : 'refuse')
  return action === 'rewrite' ? 'rewrites' : 'refuses'
}

/** Whether an answer has to be whole before any of it may be given out. */
function holdsAnswers(rule: GuardrailSettings): boolean {
  const { points } = guardrailOf(rule)
  return rule.rule === 'classifier' && points.some(at => at === 'output' || at === 'tool-arguments')
}
