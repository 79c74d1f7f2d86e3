import type { Case } from '../case.ts'
import { CALLS } from './calls.ts'
import { CHOICES } from './choices.ts'
import { REST } from './rest.ts'
import { RESULTS } from './results.ts'
import { SERVER_TOOLS } from './server-tools.ts'
import { STATE } from './state.ts'

/** The rows of the matrix. */
export const CASES: readonly Case[] = [
  ...CALLS,
  ...CHOICES,
  ...RESULTS,
  ...REST,
  ...STATE,
  ...SERVER_TOOLS,
]
