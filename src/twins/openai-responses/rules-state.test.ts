import { describe, expect, it } from 'vitest'
import { complaint, PLAIN_BODY, refusal, THINKING_BODY, trial } from './trial.ts'

const unknown = (kind: string, id: string) => ({
  ...refusal(`${kind} with id '${id}' not found.`, null),
  status: 404,
})
const noPrevious = (id: string) =>
  refusal(
    `Previous response with id '${id}' not found.`,
    'previous_response_id',
    'previous_response_not_found',
  )
const noInput = refusal(
  'One of "input" or "previous_response_id" or \'prompt\' or \'conversation\' must be provided.',
  null,
  'missing_required_parameter',
)

describe('what a request continues', () => {
  it.each([
    [{ conversation: 'conv_1' }, unknown('Conversation', 'conv_1')],
    [{ conversation: { id: 'conv_1' } }, unknown('Conversation', 'conv_1')],
    [{ prompt: { id: 'pmpt_1' } }, unknown('Prompt', 'pmpt_1')],
    [{ conversation: 'conv_1', prompt: { id: 'pmpt_1' } }, unknown('Conversation', 'conv_1')],
    [{ previous_response_id: 'resp_1', prompt: { id: 'p' } }, unknown('Prompt', 'p')],
    [{ previous_response_id: 'resp_1' }, noPrevious('resp_1')],
    [{ previous_response_id: 'resp_1', input: [] }, noPrevious('resp_1')],
    [
      { conversation: 'conv_1', previous_response_id: 'resp_1' },
      refusal(
        "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'pre..._id' or 'conversation'.",
        null,
        'mutually_exclusive_parameters',
      ),
    ],
    [{ input: [] }, noInput],
    [{ input: '' }, noInput],
    [{ input: [], instructions: 'Be brief.' }, noInput],
    [{ ...THINKING_BODY, input: [], temperature: 0.5 }, noInput],
    [{ ...THINKING_BODY, temperature: 0.5, conversation: 'c' }, unknown('Conversation', 'c')],
  ])('%j', async (fields, error) => {
    expect(await complaint(fields)).toEqual(error)
  })
})

describe('an earlier response', () => {
  it('brings its conversation, but not its instructions', async () => {
    const { send, prompts } = trial()
    const first = await send({ ...PLAIN_BODY, instructions: 'Be brief.' })
    const second = await send({
      ...PLAIN_BODY,
      input: 'And in Rome?',
      previous_response_id: first.json.id,
    })
    expect(second.json).toMatchObject({ previous_response_id: first.json.id, instructions: null })
    await send({ ...PLAIN_BODY, input: 'Why?', previous_response_id: second.json.id })
    expect(prompts[2]?.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ])
    expect(prompts[1]?.messages[0]).toMatchObject({ text: 'What is the weather in Paris?' })
  })

  it('must have been stored', async () => {
    const { send } = trial()
    const { json } = await send({ ...PLAIN_BODY, store: false })
    expect(json.store).toBe(false)
    const { error } = await send({ ...PLAIN_BODY, previous_response_id: json.id })
    expect(error).toMatchObject(noPrevious(String(json.id)))
  })

  it('belongs to one twin', async () => {
    const { json } = await trial().send(PLAIN_BODY)
    expect(await complaint({ previous_response_id: json.id })).toEqual(noPrevious(String(json.id)))
  })
})
