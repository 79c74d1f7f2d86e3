import type { ProtocolName } from '../core/extras.ts'
import type { ReasoningSettings } from '../core/request.ts'
import type { Back } from '../protocols/protocol.ts'
import type { Quirks } from '../protocols/quirks.ts'
import type { Authority, Cloud } from './authority.ts'

/**
 * How a key is sent: in a header, after a scheme word if there is one. `none`: no key is needed.
 */
export type Auth = { readonly header: string; readonly scheme?: string } | 'none'

/**
 * Where a vendor's API answers, below the base URL. Each path begins with a slash; `{model}` stands
 * for the model's id where the protocol has it in the path.
 */
export interface EndpointPaths {
  /** Asks the model. */
  readonly create: string
  /** Asks the model for a stream. Absent: as `create`, and the body tells. */
  readonly createStream?: string
  /** Counts a request's tokens without running it. Absent: the vendor has no such thing. */
  readonly countTokens?: string
  /** Lists the models that a key may use. */
  readonly models?: string
}

/** One protocol that a vendor speaks, at one address. */
export interface Endpoint {
  readonly protocol: ProtocolName
  /** Without a slash at the end. Empty for the generic vendors, whose accounts must name it. */
  readonly baseUrl: string
  readonly paths: EndpointPaths
  /**
   * Takes the place of `paths.create` for an account that names a version of the API, where the
   * vendor has such; `{version}` stands for it.
   */
  readonly versioned?: string
  readonly auth: Auth
  /** Sent with every request. Names in lower case. */
  readonly headers?: { readonly [name: string]: string }
  /** How every model of this endpoint differs from the protocol. Default: not at all. */
  readonly quirks?: Quirks
  /**
   * Whether it stands beside the first endpoint, at the same address and for the same key: an
   * account that names no protocol has both, and the gateway takes for each exchange the one that
   * carries it. Default false: only an account that names the protocol has it.
   */
  readonly beside?: boolean
  /**
   * Speaks with the vendor in place of the protocol's own back, for one that wraps what the protocol
   * says in frames and errors of its own. Default: the protocol's.
   */
  readonly back?: Back
  /** Which models it is for, in words for people, where a vendor has several ways to its models. */
  readonly about?: string
}

/** The forms of `tool_choice`, in the words of the house; `allowed` is a subset of the tools. */
export const TOOL_CHOICE_FORMS = ['auto', 'none', 'required', 'tool', 'allowed'] as const
/** One of the forms of `tool_choice`. */
export type ToolChoiceForm = (typeof TOOL_CHOICE_FORMS)[number]

/** What a model can do by itself, before the gateway makes up for anything. */
export interface Capabilities {
  /** Whether it takes tools at all; `emulated` where the gateway makes up for it. */
  readonly tools: boolean | 'emulated'
  /** Whether it may make several calls in one turn. */
  readonly parallelCalls: boolean
  /** The forms of `tool_choice` that it takes. Empty without tools. */
  readonly toolChoice: readonly ToolChoiceForm[]
  /** Whether arguments are streamed in pieces and not as one. */
  readonly streamingArguments: boolean
  readonly imagesIn: boolean
  readonly imagesInResults: boolean
  /** Whether arguments can be held to the tool's schema. */
  readonly strictSchemas: boolean
  /** Whether the answer can be held to a schema. */
  readonly structuredOutput: boolean
  readonly reasoning: boolean
}

/** What is special about some models of a vendor. */
export interface ModelRule {
  /** The vendor's ids it is about, in lower case: exact ones, or a pattern. */
  readonly match: RegExp | readonly string[]
  /** Only where the model is reached over this protocol. Default: over any. */
  readonly protocol?: ProtocolName
  readonly quirks?: Quirks
  /** What the quirks do not already say. */
  readonly capabilities?: Partial<Capabilities>
}

/** Ids that a vendor sells but that an endpoint of its cannot serve. */
export interface UnservedRule {
  readonly match: RegExp
  /** Only over this protocol. Default: over none of the vendor's endpoints here. */
  readonly protocol?: ProtocolName
  /** The end of the sentence "The model … cannot be served here: ". */
  readonly why: string
}

/** A vendor as data: where it is, what it speaks, and how it differs from what it speaks. */
export interface Provider {
  /**
   * As it stands in `vendor/model` and in the configuration: lower case letters, digits, dashes.
   */
  readonly name: string
  /** For people. */
  readonly title: string
  /** Other words for the vendor in `vendor/model`, such as the ones that aggregators use. */
  readonly otherNames?: readonly string[]
  /** The first one is used, and those beside it, unless an account says otherwise. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  /** Environment variables that may hold the key, the first one that is set wins. */
  readonly keyVariables: readonly string[]
  /** Environment variables that may replace the first endpoint's base URL. */
  readonly baseUrlVariables: readonly string[]
  /** Environment variables that may name the version of the API. Default: none. */
  readonly versionVariables?: readonly string[]
  /** How an account with a project in the vendor's cloud is reached. Absent: there is no such thing. */
  readonly cloud?: Cloud
  /** `aggregator`: resells models that others made; never chosen for a bare name of theirs. */
  readonly kind: 'maker' | 'aggregator' | 'self-hosted'
  /** Whether it can be used without a key. Default false. */
  readonly keyOptional?: boolean
  /** Whether any id may be asked for: it is for the vendor to know it. Default false. */
  readonly anyModel?: boolean
  /**
   * Whether its ids are names that users give, so that the rules for models go by what the account
   * calls them. Default false.
   */
  readonly idsByUser?: boolean
  /** Whether its ids hold no dots, so that a dot in an unmet name becomes a dash. Default false. */
  readonly dashedIds?: boolean
  /** Ids that are this vendor's even if the catalog has not met them, in lower case. */
  readonly modelPatterns?: readonly RegExp[]
  /** Short public names of models, each with the id that the vendor takes. */
  readonly aliases?: { readonly [name: string]: string }
  /**
   * What some of those names ask for by themselves, such as `deepseek-chat`: without thinking. It
   * counts where a request says nothing of reasoning.
   */
  readonly reasoningByName?: { readonly [name: string]: ReasoningSettings }
  /** Later rules override earlier ones. */
  readonly models?: readonly ModelRule[]
  readonly unserved?: readonly UnservedRule[]
  /** What all its models can do, where neither a quirk nor a model rule says so. */
  readonly capabilities?: Partial<Capabilities>
  /** The vendor's names in the price data; an earlier one wins. Default: none. */
  readonly priceNames?: readonly string[]
}

/** A vendor as the user has set it up: which one, with which key, at which address. */
export interface Account {
  /** As it stands in `account/model`. */
  readonly name: string
  /** The name of a `Provider`. */
  readonly provider: string
  /** Which of the provider's endpoints, alone. Default: the first, and those beside it. */
  readonly protocol?: ProtocolName
  /** Replaces the endpoint's address. Without a slash at the end. */
  readonly baseUrl?: string
  /**
   * The version of the API, for a vendor whose older addresses hold one. Such an account has one
   * endpoint: the one that it names, or the first.
   */
  readonly apiVersion?: string
  readonly key?: string
  /** Proves who asks, in place of a key. */
  readonly authority?: Authority
  /** Sent with every request, after the endpoint's own. Names in lower case. */
  readonly headers?: { readonly [name: string]: string }
  /**
   * The only models it may be used for, where it is given: names, or patterns of the vendor's ids
   * in which `*` stands for any text. A name that the catalog has not met is taken for an id.
   */
  readonly models?: readonly string[]
  /** Names of the user's own, each with the id that the vendor takes. */
  readonly aliases?: { readonly [name: string]: string }
  /**
   * Its models that know no tools, so that they are emulated: names, or patterns of the vendor's
   * ids in which `*` stands for any text.
   */
  readonly emulatedTools?: readonly string[]
  /** Added to the vendor's own, for a server that differs. */
  readonly quirks?: Quirks
}
