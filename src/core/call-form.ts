/**
 * The forms in which models write calls into their text, named by how they look. Which vendor's
 * models use which stands in `docs/emulation.md`.
 */
export const CALL_FORMS = [
  /** `<tool_call>{"name": …, "arguments": {…}}</tool_call>` */
  'tool-call-tags',
  /** `<function=name><parameter=key>…</parameter></function>`, or `<function=name>{…}</function>` */
  'function-tags',
  /** `<tool_call>name<arg_key>…</arg_key><arg_value>…</arg_value></tool_call>` */
  'argument-tags',
  /** `<|python_tag|>{…}; {…}` or `<|python_tag|>name.call(key="…")` */
  'python-tag',
  /** `[TOOL_CALLS][{…}]` or `[TOOL_CALLS]name[ARGS]{…}` */
  'calls-token',
  /** `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>…` */
  'call-tokens',
  /** `<｜DSML｜function_calls><｜DSML｜invoke name="…">…` */
  'invoke-tags',
  /** `<|tool_calls_section_begin|><|tool_call_begin|>functions.name:0…` */
  'section-tokens',
  /** A JSON object or list of objects, bare or in a fence. */
  'json',
  /** `[name(key="…"), …]`, or the same in a fence that says `tool_code`. */
  'pythonic',
] as const
/** One of the forms. */
export type CallForm = (typeof CALL_FORMS)[number]
