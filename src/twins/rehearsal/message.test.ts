import { describe, expect, it } from 'vitest'
import { readClauses } from './clauses.ts'
import { readMessage } from './message.ts'

function of(text: string, kind: string): string[] {
  return readMessage(text)
    .mentions.filter(one => one.kind === kind && !one.opening)
    .map(one => one.text)
}

function lists(text: string): string[][] {
  return readMessage(text).lists.map(list => list.map(one => one.text))
}

function clauses(text: string): string[] {
  const message = readMessage(text)
  return readClauses(message).map(({ from, to }) =>
    message.text.slice(message.tokens[from]?.start ?? 0, message.tokens[to - 1]?.end ?? 0),
  )
}

describe('names', () => {
  it.each([
    [
      'Find the Lord of the Rings at the Museum of Modern Art',
      ['Lord of the Rings', 'Museum of Modern Art'],
    ],
    ['Fly to San Francisco, CA today', ['San Francisco, CA']],
    ['Weather for Paris, France and Rome, Italy', ['Paris, France', 'Rome, Italy']],
    ['Compare Paris, Rome, and Berlin', ['Paris', 'Rome', 'Berlin']],
    [
      "What did J.K. Rowling and Dr. Jane Goodall write about Einstein's theory?",
      ['J.K. Rowling', 'Dr. Jane Goodall', 'Einstein'],
    ],
    ['Take me to 12 Baker Street', ['12 Baker Street']],
    ['Show me the repo acme/rocket and the variable userName', ['acme/rocket', 'userName']],
    ['Can you help me? I like it. Show the weather.', []],
  ])('%s', (text, names) => {
    expect(of(text, 'name')).toEqual(names)
  })

  it('knows the preposition that leads to a name, over a noun between', () => {
    const leads = readMessage('Send it from Oslo to my friend Ann').mentions.filter(
      one => one.kind === 'name',
    )
    expect(leads.map(one => [one.text, one.lead])).toEqual([
      ['Oslo', 'from'],
      ['Ann', 'to'],
    ])
  })
})

describe('phrases', () => {
  it('leave out the verbs of a request', () => {
    expect(of('Show me wireless headphones', 'phrase')).toEqual(['wireless headphones'])
    expect(of('I want to catch a cab', 'phrase')).toEqual(['cab'])
  })

  it('come also with what `of` leads to', () => {
    expect(of('Explain the theory of evolution', 'phrase')).toContain('theory of evolution')
  })
})

describe('lists', () => {
  it.each([
    ['weather in Paris and in Rome', [['Paris', 'Rome']]],
    ['the factorial of 5, the factorial of 3 and the factorial of 4', [['5', '3', '4']]],
    ['for 10 years and 20 years', [['10', '20']]],
    ['with 3 bedrooms and 2 bathrooms', []],
    ['price of gold, silver, and palladium', [['gold', 'silver', 'palladium']]],
    ['Python & Java', [['Python', 'Java']]],
    ['who likes chess and dinosaurs, budget 40', [['chess', 'dinosaurs']]],
    [
      'between Mars and Venus, and then between Mars and Jupiter',
      [
        ['Mars', 'Venus'],
        ['Mars', 'Jupiter'],
      ],
    ],
  ])('%s', (text, found) => {
    expect(lists(text)).toEqual(found)
  })
})

describe('clauses', () => {
  it.each([
    ['Find a hotel in Rome and book a car.', ['Find a hotel in Rome and', 'book a car.']],
    ['What is the time, and what is the date?', ['What is the time, and', 'what is the date?']],
    ['Buy milk and eggs', ['Buy milk and eggs']],
    ['Go from A1 to B2, then from C3 to D4', ['Go from A1 to B2, then', 'from C3 to D4']],
    ['See Dr. Smith. Then call Ann', ['See Dr. Smith.', 'Then call Ann']],
  ])('%s', (text, parts) => {
    expect(clauses(text)).toEqual(parts)
  })

  it('unwraps a message that is quoted as a whole', () => {
    expect(
      readMessage('"What is the weather in Paris, and what time is it in Rome?"').text,
    ).not.toContain('"')
  })
})
