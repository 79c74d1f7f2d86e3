/** A fault of another gateway: the report, by which its tests are named, and what went wrong. */
export interface Defect {
  /** Reports of one fault share a number; 31 holds what is near to one. */
  readonly number: number
  readonly report: string
  readonly what: string
}

/** How many faults there are. */
export const FAULTS = 30

/** The faults of other gateways that Toolgate is held against, each from a public report or source. */
export const DEFECTS: readonly Defect[] = [
  { number: 1, report: 'litellm#16893', what: 'a signature is lost in a stream' },
  { number: 2, report: 'litellm#37849', what: 'a signature travels inside an id' },
  { number: 3, report: 'litellm#18160', what: 'such an id leaks to other vendors' },
  { number: 4, report: 'litellm#25322', what: 'signatures are lost over Messages' },
  { number: 5, report: 'Portkey#1442', what: 'the field of Google is there in one mode only' },
  {
    number: 6,
    report: 'bifrost#1437',
    what: 'the carrier of signatures changes and old ones are not read',
  },
  { number: 7, report: 'new-api#2257', what: 'a constant replaces the true signature' },
  { number: 8, report: 'envoy ai-gateway#2365', what: 'what is written is not read back' },
  { number: 9, report: 'cloudflare/ai#502', what: 'the signature is dropped' },
  { number: 10, report: 'openrouter-examples#67', what: 'reasoning details are cut by a stream' },
  { number: 11, report: 'litellm#5231', what: 'a call of Claude has no index, or always the same' },
  { number: 12, report: 'Portkey#1275', what: 'the index stays after the second call' },
  { number: 13, report: 'new-api#5229', what: 'the index of a block is taken for that of a call' },
  { number: 14, report: 'new-api#2701', what: 'calls of Gemini, one a chunk, all have index 0' },
  { number: 15, report: 'litellm#15307', what: 'parallel calls are garbled over Messages' },
  {
    number: 16,
    report: 'new-api#5482',
    what: 'blocks have gaps in their indices, and end unopened',
  },
  { number: 17, report: 'litellm#29286', what: 'empty lists of calls become empty pieces' },
  { number: 17, report: 'litellm#33224', what: 'thinking is written into a block of text' },
  { number: 17, report: 'litellm#32357', what: 'a message starts twice' },
  { number: 18, report: 'litellm#13373', what: 'a client of Messages does not find a block' },
  { number: 19, report: 'litellm#27144', what: 'arguments that come at the end only are lost' },
  { number: 20, report: 'litellm#5063', what: 'empty arguments crash' },
  { number: 20, report: 'litellm#14583', what: 'blank arguments crash' },
  { number: 20, report: 'litellm#18414', what: 'arguments that are no object are sent on' },
  { number: 21, report: 'litellm#12240', what: 'calls of Gemini end as a stop' },
  { number: 22, report: 'bifrost#3638', what: 'a turn of text and calls ends as a stop' },
  { number: 23, report: 'bifrost#3290', what: 'a choice of tools is weakened' },
  { number: 24, report: 'bifrost#7348', what: 'allowed_tools and parallel_tool_calls are dropped' },
  { number: 25, report: 'litellm#14330', what: 'keywords of a schema are refused' },
  { number: 25, report: 'litellm#18442', what: 'references in a schema are refused' },
  { number: 25, report: 'any-llm#1094', what: 'empty parameters are refused' },
  { number: 26, report: 'bifrost#1164', what: 'results of one turn become several' },
  {
    number: 27,
    report: 'Portkey (google/chatComplete.ts)',
    what: 'a call after text is lost, and its name',
  },
  { number: 28, report: 'TensorZero (helpers.rs)', what: 'two calls of one function are one' },
  { number: 29, report: 'Helicone (mapper/anthropic.rs)', what: 'a block is taken for a choice' },
  { number: 30, report: 'litellm#23712', what: 'pictures in results are dropped' },
  { number: 30, report: 'litellm#12695', what: 'marks for the cache are lost or null' },
  { number: 30, report: 'bifrost#2347', what: 'tools change their order' },
  { number: 30, report: 'litellm#31910', what: 'one answer has two lives' },
  { number: 31, report: 'mulder#207', what: 'a model without an entry loses its tools' },
  { number: 31, report: 'bifrost#6342', what: 'blocks of thinking are put together' },
]
