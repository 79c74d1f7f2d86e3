import type { CallForm } from '../core/call-form.ts'
import type { Effort } from '../core/request.ts'
import type { SchemaLimits } from '../schema/dialect.ts'
import type { DialectName } from '../schema/lower.ts'

/** A rule for names or ids: a pattern that the whole text must match, and a length in characters. */
export interface TextRule {
  readonly pattern: RegExp
  readonly max: number
}

/**
 * How one vendor, or one of its models, differs from the protocol it speaks. A closed record: a
 * codec reads these flags and never a vendor's name. Every flag may be absent; its default is the
 * behaviour of the protocol's own vendor.
 */
export interface Quirks {
  // --- both protocols -----------------------------------------------------------------------

  /** Tokens the model may put out. Default: unknown. Anthropic sends it when a client gave no limit. */
  readonly maxOutput?: number
  /** Rule for call ids. Default: the protocol's own. Others are re-minted, and restored on the way back. */
  readonly callId?: TextRule
  /** Rule for tool names. Default: the protocol's own. */
  readonly toolName?: TextRule
  /** Whether strict tools are known. Default true. If not, `strict` is left out and reported. */
  readonly strictTools?: boolean
  /**
   * Whether tools are known at all. Default true. If not, the gateway emulates them: definitions go
   * into the instructions, and calls are read out of the text.
   */
  readonly nativeTools?: boolean
  /**
   * The form of calls that the server leaves in its text, where it was told of tools and made no
   * call of it: one, or `any`. Default: text is text. For servers that run without a parser of
   * their own (vLLM docs "tool calling", 2026-08).
   */
  readonly rawCalls?: CallForm | 'any'
  /**
   * The form of calls in `failed_generation`, which a server quotes when it refuses its own model's
   * answer: they are read out of it. Default: such an answer is an error (Groq, recorded 2026-02).
   */
  readonly failedCalls?: CallForm | 'any'
  /**
   * The dialect in which tools' schemas are declared. Default: the protocol's own, and a client of
   * the same protocol is taken at its word. Gemini before 2.0 knew no `parametersJsonSchema`
   * (hermes-agent issue #98928, 2026).
   */
  readonly toolSchema?: DialectName
  /**
   * How large a strict schema may be, where it differs from the dialect's own limits. OpenAI's models
   * before gpt-4.1: 100 properties, 5 levels, and unions told apart by their first property (ellmer
   * issue #671, 2025).
   */
  readonly strictLimits?: Partial<SchemaLimits>
  /** Whether free-text (custom) tools are known. Default: as the protocol. If not, they become functions. */
  readonly customTools?: boolean
  /**
   * Which sampling settings are taken. Default `all`. `one`: temperature or top_p, not both (Claude
   * 4.1 to 4.6; otoroshi-llm-extension issue #140, 2025-10). `quiet`: only while the model does not
   * reason (gpt-5.1 to 5.4; reasoning guide, 2026-07). `none`: left out and reported.
   */
  readonly sampling?: 'all' | 'one' | 'quiet' | 'none'
  /** Whether output can be held to a JSON Schema. Default true; else the schema goes into words. */
  readonly structuredOutput?: boolean

  // --- openai-chat --------------------------------------------------------------------------

  /** Field of the output limit. Default `max_completion_tokens`; older vendors know only `max_tokens`. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens'
  /** The word for instructions. Default: as the client said. `user`: o1-mini takes neither word. */
  readonly systemRole?: 'system' | 'developer' | 'user'
  /** The forms of `tool_choice` that are taken. Default: all five. */
  readonly toolChoices?: readonly ('auto' | 'none' | 'required' | 'tool' | 'allowed')[]
  /** The word for "must call". Default `required`; Mistral's own word is `any`. */
  readonly requiredWord?: 'required' | 'any'
  /** Whether a forced choice fails while the model thinks (DeepSeek, Qwen). Default false. */
  readonly forcedChoiceNeedsThinkingOff?: boolean
  /** How thinking is switched: `thinking: {type}` or `enable_thinking`. Default: not at all. */
  readonly thinkingSwitch?: 'thinking' | 'enable_thinking'
  /** Whether the model thinks unless told not to. Default false. */
  readonly thinksByDefault?: boolean
  /** Whether `parallel_tool_calls` is known. Default true. */
  readonly parallelField?: boolean
  /** Whether `stream_options` is known. Default true; GLM refuses it. */
  readonly streamOptions?: boolean
  /** The field that carries plain reasoning back in the history. Default: none is sent. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning'
  /** Whether every assistant message with calls must carry that field, even empty. Default false. */
  readonly reasoningEcho?: boolean
  /** Whether OpenRouter's `reasoning_details` are taken in the history. Default false. */
  readonly reasoningDetails?: boolean
  /** The efforts that `reasoning_effort` takes. Default: all. Empty: the field is not known. */
  readonly efforts?: readonly Effort[]
  /** Whether tools are refused while the model reasons, on this endpoint (gpt-5.4 and later). Default false. */
  readonly toolsNeedReasoningOff?: boolean
  /** Whether `content: null` is taken beside calls. Default true; else an empty string is sent. */
  readonly nullContent?: boolean
  /** Whether content may be a list of text parts outside user messages. Default true; else one string. */
  readonly contentParts?: boolean
  /** Whether tool messages carry the tool's `name`. Default false; Mistral reads it. */
  readonly toolMessageName?: boolean
  /** Whether a user message may not follow a tool message (Mistral). Default false. */
  readonly noUserAfterTool?: boolean
  /** Whether `none` must be said by leaving the tools out (Mistral). Default false. */
  readonly noneDropsTools?: boolean
  /** Whether `tool_stream: true` is needed to stream arguments (GLM). Default false. */
  readonly toolStream?: boolean
  /** Whether `stop` is taken. Default true; OpenAI's reasoning models refuse it. */
  readonly stop?: boolean
  /** Whether `top_k` is taken. Default false: it is not a field of OpenAI's. */
  readonly topK?: boolean
  /** Whether `completion_tokens` leaves reasoning out (xAI). Default false. */
  readonly reasoningOutsideCompletion?: boolean
  /** Whether pictures in a tool's result may stand in the tool message. Default false. */
  readonly imagesInResults?: boolean
  /**
   * Whether `cache_control` is taken on messages' parts, calls, results and tools (OpenRouter).
   * Default false: OpenAI knows only its own breakpoints, and other marks are left out as hints.
   */
  readonly cacheControl?: boolean

  // --- anthropic ----------------------------------------------------------------------------

  /**
   * The version that stands in the body, of a host that has the model in the path. Default: the model
   * stands in the body, and the version in a header.
   */
  readonly bodyVersion?: string
  /** Kinds of `thinking` the model takes. Default `both`; over Converse, where it is an extra, `none`. Claude 4.5 and earlier: `manual`; 4.7 and later: `adaptive`. */
  readonly thinking?: 'none' | 'manual' | 'both' | 'adaptive' | 'always-adaptive'
  /** The efforts that `output_config.effort` takes. Default: none is sent. */
  readonly outputEfforts?: readonly Effort[]
  /** Whether the model takes a forced `tool_choice`. Default true; Fable 5 and Mythos 5 do not. */
  readonly forcedChoice?: boolean
  /** Whether the conversation may end with an assistant message. Default false (4.6 and later). */
  readonly prefill?: boolean
  /** Whether `role: system` may stand inside `messages`. Default false (Opus 4.8 and later: true). */
  readonly systemInMessages?: boolean
  /** Whether pictures and documents are known. Default true. */
  readonly media?: boolean

  // --- converse -----------------------------------------------------------------------------

  /** Whether a result's `status` is known. Default true. If not, a failure is said in words. */
  readonly resultStatus?: boolean
  /** Whether cache points are known. Default false: cache marks are left out as hints. */
  readonly cachePoints?: boolean

  // --- gemini, and openai-chat where it leads to the same models ----------------------------

  /**
   * Whether ids of calls are sent. Default: those that a client of the protocol itself gave, no
   * others. Vertex refused the field until about 2026-09 (java-genai issue #694); AI Studio takes it.
   */
  readonly sendCallIds?: boolean
  /**
   * What thought signatures are worth to the model. Default `optional` on gemini: they are sent
   * back; `none` on openai-chat: they are not. With `required` (Gemini 3 and later) the first call
   * of each step of the running turn gets the documented dummy where there is none.
   */
  readonly thoughtSignatures?: 'none' | 'optional' | 'required'
  /** The levels of thinking the model takes. Default all. Empty: it takes budgets (Gemini 2.5). */
  readonly thinkingLevels?: readonly ('MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH')[]
  /**
   * Tokens of thinking, for models that take budgets. Default 0 to 24,576; a `least` above 0 means
   * that thinking cannot be switched off (2.5 Pro: 128 to 32,768), a `most` of 0 that there is none.
   */
  readonly thinkingBudgets?: { readonly least: number; readonly most: number }
}
