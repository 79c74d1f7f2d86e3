import type { Quirks } from '../protocols/quirks.ts'
import {
  type Capabilities,
  type Endpoint,
  type ModelRule,
  type Provider,
  TOOL_CHOICE_FORMS,
  type ToolChoiceForm,
} from './provider.ts'

/**
 * How a model differs from its protocol: the endpoint's quirks, then every rule that meets its id.
 */
export function quirksOf(provider: Provider, endpoint: Endpoint, id: string): Quirks {
  let quirks: Quirks = { ...endpoint.quirks }
  for (const rule of rulesOf(provider, endpoint, id)) quirks = { ...quirks, ...rule.quirks }
  return quirks
}

/** What is in a model itself, wherever it is served. */
export type Nature = Pick<Capabilities, 'imagesIn' | 'reasoning'>

/**
 * What a model can do. Quirks say most of it; a rule has the last word. What nobody says is taken
 * to be so for tools and parallel calls, and not to be so for pictures and reasoning.
 *
 * @param nature what is known of the model from elsewhere
 */
export function capabilitiesOf(
  provider: Provider,
  endpoint: Endpoint,
  id: string,
  quirks: Quirks,
  nature?: Nature,
): Capabilities {
  let said: Partial<Capabilities> = { ...provider.capabilities, ...nature }
  for (const rule of rulesOf(provider, endpoint, id)) said = { ...said, ...rule.capabilities }
  const imagesIn = (said.imagesIn ?? false) && quirks.media !== false
  return {
    ...(quirks.nativeTools === false
      ? emulated(imagesIn)
      : toolsOf(endpoint, quirks, said, said.tools !== false)),
    imagesIn,
    structuredOutput: said.structuredOutput ?? quirks.structuredOutput ?? true,
    reasoning: said.reasoning ?? reasons(endpoint, quirks),
  }
}

type ToolCapabilities = Omit<Capabilities, 'imagesIn' | 'structuredOutput' | 'reasoning'>

function toolsOf(
  endpoint: Endpoint,
  quirks: Quirks,
  said: Partial<Capabilities>,
  tools: boolean,
): ToolCapabilities {
  return {
    tools,
    parallelCalls: tools && (said.parallelCalls ?? true),
    toolChoice: tools ? (said.toolChoice ?? toolChoicesOf(endpoint, quirks)) : [],
    streamingArguments: tools && (said.streamingArguments ?? true),
    imagesInResults: tools && (said.imagesInResults ?? picturesInResults(endpoint, quirks)),
    strictSchemas: tools && (said.strictSchemas ?? quirks.strictTools ?? true),
  }
}

/** What emulation gives: results are told as words, with their pictures beside them. */
function emulated(imagesIn: boolean): ToolCapabilities {
  return {
    tools: 'emulated',
    parallelCalls: true,
    toolChoice: TOOL_CHOICE_FORMS,
    streamingArguments: false,
    imagesInResults: imagesIn,
    strictSchemas: false,
  }
}

/** What a model can do over one or the other of several endpoints, where each exchange has its own. */
export function joined(ways: readonly [Capabilities, ...Capabilities[]]): Capabilities {
  const [first, ...rest] = ways
  return rest.reduce(
    (all, one) => ({
      tools: all.tools || one.tools,
      parallelCalls: all.parallelCalls || one.parallelCalls,
      toolChoice: TOOL_CHOICE_FORMS.filter(
        form => all.toolChoice.includes(form) || one.toolChoice.includes(form),
      ),
      streamingArguments: all.streamingArguments || one.streamingArguments,
      imagesIn: all.imagesIn || one.imagesIn,
      imagesInResults: all.imagesInResults || one.imagesInResults,
      strictSchemas: all.strictSchemas || one.strictSchemas,
      structuredOutput: all.structuredOutput || one.structuredOutput,
      reasoning: all.reasoning || one.reasoning,
    }),
    first,
  )
}

function rulesOf(provider: Provider, endpoint: Endpoint, id: string): readonly ModelRule[] {
  const lower = id.toLowerCase()
  return (provider.models ?? []).filter(
    rule =>
      (rule.protocol === undefined || rule.protocol === endpoint.protocol) &&
      (rule.match instanceof RegExp ? rule.match.test(lower) : rule.match.includes(lower)),
  )
}

function toolChoicesOf(endpoint: Endpoint, quirks: Quirks): readonly ToolChoiceForm[] {
  if (endpoint.protocol === 'anthropic') {
    return quirks.forcedChoice === false ? ['auto', 'none'] : ['auto', 'none', 'required', 'tool']
  }
  if (endpoint.protocol === 'converse' && quirks.forcedChoice === false) return ['auto']
  const taken = quirks.toolChoices ?? TOOL_CHOICE_FORMS
  return TOOL_CHOICE_FORMS.filter(
    form => taken.includes(form) || (form === 'none' && quirks.noneDropsTools === true),
  )
}

function picturesInResults(endpoint: Endpoint, quirks: Quirks): boolean {
  if (endpoint.protocol === 'anthropic') return quirks.media !== false
  return endpoint.protocol === 'openai-responses' || quirks.imagesInResults === true
}

function reasons(endpoint: Endpoint, quirks: Quirks): boolean {
  if (endpoint.protocol === 'anthropic') return (quirks.thinking ?? 'both') !== 'none'
  if (endpoint.protocol === 'converse') return (quirks.thinking ?? 'none') !== 'none'
  const efforts = quirks.efforts ?? []
  return (
    efforts.some(effort => effort !== 'none') ||
    quirks.thinkingSwitch !== undefined ||
    quirks.thinksByDefault === true
  )
}
