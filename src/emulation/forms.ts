import { CALL_FORMS, type CallForm } from '../core/call-form.ts'
import type { FormRule } from './form.ts'
import { JSON_FORMS } from './json-forms.ts'
import { PYTHON_FORMS } from './python-forms.ts'
import { TAG_FORMS } from './tag-forms.ts'
import { TOKEN_FORMS } from './token-forms.ts'

const ALL: readonly FormRule[] = [...TAG_FORMS, ...TOKEN_FORMS, ...JSON_FORMS, ...PYTHON_FORMS]

/** The rules of these forms, by the letter they begin with, the ones to be preferred first. */
export function rulesOf(forms: readonly CallForm[]): ReadonlyMap<number, readonly FormRule[]> {
  const rules = new Map<number, FormRule[]>()
  for (const rule of ALL) {
    if (!forms.includes(rule.form)) continue
    const code = rule.opener.charCodeAt(0)
    const list = rules.get(code)
    if (list) list.push(rule)
    else rules.set(code, [rule])
  }
  return rules
}

/** The forms that a configuration names: one of them, or any. */
export function formsOf(named: CallForm | 'any'): readonly CallForm[] {
  return named === 'any' ? CALL_FORMS : [named]
}
