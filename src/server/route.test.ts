import { describe, expect, it } from 'vitest'
import { routeOf } from './route.ts'

describe('routeOf', () => {
  it.each([
    ['/v1beta/models/gemini-2.5-flash:generateContent', 'gemini-2.5-flash'],
    ['/gemini/v1/models/a:generateContent/', 'a'],
    ['/v1/projects/p/locations/l/publishers/google/models/a:generateContent', 'a'],
    [
      '/v1beta/models/openrouter-main/vendor/model:free:generateContent',
      'openrouter-main/vendor/model:free',
    ],
    ['/v1beta/models/groq%2Fmodels%2Fa:generateContent', 'groq/models/a'],
    ['/v1beta/models/a:generateContent:generateContent', 'a:generateContent'],
  ])('finds the model in %s', (path, model) => {
    expect(routeOf(path, false)).toMatchObject({ front: 'gemini', operation: 'create', model })
  })

  it.each([
    '/v1beta/models/:generateContent',
    '/v1beta/models/a:embedContent',
    '/v1beta/a:generateContent',
  ])('finds nothing to do at %s', path =>
    expect(routeOf(path, false)).not.toMatchObject({ kind: 'exchange' }),
  )

  // Paths are looked at before keys are: a stranger's must cost nothing.
  it('[G9.3] takes a long path in little time', () => {
    const started = performance.now()
    for (const part of ['models/', 'models/:', 'models/a:generateContent', '/', ':'])
      routeOf(`/v1/${part.repeat(200_000 / part.length)}`, false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
