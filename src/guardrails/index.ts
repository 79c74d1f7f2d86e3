export {
  type AuditEntry,
  type AuditLog,
  type AuditLogOptions,
  openAuditLog,
} from './audit-log.ts'
export { type AuditReport, verifyAuditLog } from './audit-verify.ts'
export {
  type GuardContext,
  type Guardrail,
  type GuardrailOptions,
  type GuardSubject,
  guardrail,
  type Origins,
  type Unseen,
} from './guardrail.ts'
export {
  type CheckContext,
  createGuards,
  type Guards,
  type GuardsOptions,
  type Written,
} from './guards.ts'
export { hiddenText } from './hidden-text.ts'
export { type JsonSchemaOptions, jsonSchema, type SchemaCheck } from './json-schema.ts'
export {
  type CanaryOptions,
  canary,
  type KeywordsOptions,
  keywords,
  type PatternOptions,
  pattern,
} from './pattern.ts'
export {
  PERSONAL_KINDS,
  type PersonalDataOptions,
  type PersonalKind,
  personalData,
} from './personal-data.ts'
export { type ProvenanceOptions, provenance } from './provenance.ts'
export { type ClassifierOptions, classifier, type JudgeOptions, judge } from './remote.ts'
export { guardRun, type RunGuard, type RunGuardOptions } from './run-guard.ts'
export { type SecretsOptions, secrets } from './secrets.ts'
export { type SizeOptions, size } from './size.ts'
export type { TextBefore } from './stage.ts'
export type { StreamGuard } from './stream-guard.ts'
export {
  type Action,
  type Span,
  type TextRule,
  type TextRuleMaking,
  type TextRuleOptions,
  textRule,
} from './text-rule.ts'
export { type UrlsOptions, urls } from './urls.ts'
export {
  type Decision,
  type Finding,
  GUARD_POINTS,
  type GuardPoint,
  type Objection,
  type Verdict,
} from './verdict.ts'
