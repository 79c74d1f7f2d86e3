/** What Toolgate promises. A test cites a promise by its id in square brackets. */
export interface Requirement {
  readonly id: string
  readonly text: string
  /** `planned`: not kept yet, and so cited by no test. */
  readonly state: 'kept' | 'planned'
}

/** All promises: G of the gateway, T of the twins, L of the tool loop. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'G1.1',
    state: 'kept',
    text: 'A client of Chat Completions or Messages calls a vendor of these or of generateContent, whole and streamed: calls, text between them, choices, results, reasoning state, refusals, cuts, usage.',
  },
  {
    id: 'G1.2',
    state: 'kept',
    text: 'The same for clients of Responses and generateContent, and vendors of Responses: sixteen pairs, every case.',
  },
  {
    id: 'G1.3',
    state: 'kept',
    text: 'A turn that its vendor pauses is gone on with, and is one answer, for clients whose protocol knows no pause.',
  },
  {
    id: 'G1.4',
    state: 'kept',
    text: 'An answer that is to keep a schema keeps it, in the words of the client, whatever dialect its vendor takes.',
  },
  {
    id: 'G1.6',
    state: 'kept',
    text: "Models in a project of Google Vertex AI, Gemini and Claude alike, are called with tokens of Google's own library.",
  },
  {
    id: 'G1.7',
    state: 'kept',
    text: 'Models of Amazon Bedrock are called over Converse by clients of any protocol, whole and streamed, with signed calls or a key, in every case of the matrix.',
  },
  {
    id: 'G1.8',
    state: 'kept',
    text: 'Claude on Amazon Bedrock is invoked in its own protocol by clients of any protocol, and nothing is lost; an account may choose Converse.',
  },
  {
    id: 'G2.1',
    state: 'kept',
    text: 'A broken conversation is refused before a token is spent, in the words of the client, with the message and the call.',
  },
  { id: 'G2.2', state: 'kept', text: 'With repair on, it is mended and reported.' },
  {
    id: 'G3.1',
    state: 'kept',
    text: 'Signatures of thinking survive a client of Chat Completions that echoes what it got.',
  },
  { id: 'G3.2', state: 'kept', text: 'A vault puts back the signatures that a client dropped.' },
  { id: 'G4', state: 'kept', text: 'Calls that reach the client are valid when asked for.' },
  {
    id: 'G5.1',
    state: 'kept',
    text: 'account/model, vendor/model and a bare id all resolve; an unknown name is a 404 with the nearest ones.',
  },
  { id: 'G5.2', state: 'kept', text: 'The list of models says what each can do and costs.' },
  { id: 'G6', state: 'kept', text: 'A model without tools may have them emulated.' },
  { id: 'G7.1', state: 'kept', text: "A client that leaves ends the vendor's call." },
  {
    id: 'G7.2',
    state: 'kept',
    text: 'A retry never happens after bytes have flowed; a failure then is the in-band error of the protocol.',
  },
  { id: 'G7.3', state: 'kept', text: 'Every wait has a limit.' },
  {
    id: 'G7.4',
    state: 'planned',
    text: 'A fallback to another vendor re-mints foreign ids and state.',
  },
  {
    id: 'G7.5',
    state: 'kept',
    text: 'What a vendor sends with status 200 and is no answer is an error, also where its bytes pass.',
  },
  {
    id: 'G8.1',
    state: 'kept',
    text: 'What cannot be carried is reported; in strict mode, what would change the meaning is refused.',
  },
  {
    id: 'G8.2',
    state: 'kept',
    text: 'Arguments reach the other side as the exact text of the model.',
  },
  {
    id: 'G8.3',
    state: 'kept',
    text: 'Blocks of a stream open and close in order, also where the bytes of a vendor of Messages pass.',
  },
  {
    id: 'G9.1',
    state: 'kept',
    text: 'No web page and no stranger can spend the keys of the user.',
  },
  { id: 'G9.2', state: 'kept', text: 'No key and no content stands in the log.' },
  {
    id: 'G9.3',
    state: 'kept',
    text: 'Bad input gets an error in the envelope of the client, never a 5xx of ours, a crash or a hang.',
  },
  {
    id: 'G9.4',
    state: 'kept',
    text: 'It shuts down cleanly: streams finish within a grace, the rest end with an error.',
  },
  {
    id: 'G9.5',
    state: 'kept',
    text: 'What it does can be read as metrics, behind the same keys as all else, and without names of models, clients or keys.',
  },
  { id: 'G10', state: 'kept', text: 'Each quirk of a vendor is met, against a twin that has it.' },
  {
    id: 'G11',
    state: 'kept',
    text: 'Answers of Responses are held for the client that made them, where that is configured, and refused as the vendor words it where it is not.',
  },
  {
    id: 'G12',
    state: 'kept',
    text: 'None of the known faults of other gateways: each has a test that is named after its report.',
  },
  {
    id: 'G13',
    state: 'kept',
    text: 'Clients as people use them, unchanged, run their tools with a model of each vendor, whole and streamed.',
  },
  {
    id: 'G14',
    state: 'kept',
    text: 'Guardrails hold requests and answers that pass through, whole and streamed: nothing that is retracted reaches a client, nothing that is planted in a result reaches a vendor.',
  },
  {
    id: 'G14.1',
    state: 'kept',
    text: 'A value that came from an untrusted result never reaches the argument of an irreversible tool in an answer; where the gateway cannot read what came before, only what was said does.',
  },
  {
    id: 'G15',
    state: 'kept',
    text: 'A client whose stream is held by a guardrail has signs of life that its protocol allows, then all of the answer or an error.',
  },
  {
    id: 'T1',
    state: 'kept',
    text: 'A twin refuses what its vendor refuses, with the status, type and text of the vendor.',
  },
  {
    id: 'T2',
    state: 'kept',
    text: 'A script is played to its end: a turn left over or one too many fails.',
  },
  {
    id: 'T3',
    state: 'kept',
    text: 'The rehearsal model picks tools and fills arguments by general rules.',
  },
  { id: 'T4', state: 'kept', text: 'A twin misbehaves on purpose, and the same seed repeats it.' },
  {
    id: 'T5',
    state: 'kept',
    text: 'Without a key every vendor is rehearsed; with one it is live.',
  },
  {
    id: 'T6',
    state: 'kept',
    text: 'A run can be held to a trace, and what is unlike is shown line by line.',
  },
  {
    id: 'T7',
    state: 'kept',
    text: 'Any program can be tried against a hostile model of a seed; what fails is made small, and can be run again.',
  },
  {
    id: 'T8',
    state: 'kept',
    text: 'Where real models are forbidden, no request of the loop, the gateway or a guardrail leaves loopback.',
  },
  {
    id: 'L1',
    state: 'kept',
    text: 'A run can be awaited and iterated, against any address that speaks one of the protocols.',
  },
  {
    id: 'L2',
    state: 'kept',
    text: 'Deadlines hold, also for tools that ignore them; the history stays one that a vendor accepts.',
  },
  {
    id: 'L3',
    state: 'kept',
    text: 'Pauses are data; a resumed run never runs a finished call twice.',
  },
  {
    id: 'L4',
    state: 'kept',
    text: 'Budgets are checked before they are spent, and how a run ended is always said.',
  },
  {
    id: 'L5',
    state: 'kept',
    text: 'No byte leaves before the rules that could retract it have passed.',
  },
  {
    id: 'L6',
    state: 'kept',
    text: 'A sandboxed call carries a receipt of the isolation that it really got.',
  },
  {
    id: 'L7',
    state: 'kept',
    text: 'From the command line a person can talk with a model, decide on calls, and tell by the exit code how a run ended.',
  },
  {
    id: 'L8',
    state: 'kept',
    text: 'Tools of an MCP server are ordinary tools of the loop, and tools of the loop can be offered by one.',
  },
  {
    id: 'L9',
    state: 'kept',
    text: "A run is traced by OpenTelemetry's conventions for generative AI where the program has a tracer, without what was said unless that is asked for; where it has none, nothing is loaded; a tracer that fails ends the tracing, says so, and changes nothing else.",
  },
  {
    id: 'L10',
    state: 'kept',
    text: 'Interrupted at any moment, a command says so, ends with the usual code, and leaves the terminal sane, its journal whole and no process behind.',
  },
  {
    id: 'L11',
    state: 'kept',
    text: 'Whatever an MCP server over HTTP does, a call to it ends at once with its result or in words, is never made twice, and leaves no connection open.',
  },
]
