import type { Dialect } from '../dialect.ts'
import { anthropic } from './anthropic.ts'
import { anthropicStrict } from './anthropic-strict.ts'

/**
 * What Converse takes of a tool's schema: an object at the root, whoever made the model (pi issue
 * #8279, 2026-08). For Claude it keeps the rules of Claude's own protocol, so no composition at the
 * root (senpi issue #1947, 2026-09), and these are asked of all models, for they take nothing away.
 */
export const converse: Dialect = anthropic

/**
 * The same for models whose root may say `type`, `properties` and `required`, and nothing else, so
 * that there is no place for definitions (zed issue #28521, 2025-04: "extraneous key [definitions]
 * is not permitted"; Amazon Nova user guide, "defining a tool", 2026).
 */
export const converseBare: Dialect = { ...anthropic, bareRoot: true }

/**
 * Tools that are held to their schemas: one subset for the models of all makers, and it is that of
 * Claude's own protocol. Source: Bedrock user guide, "get validated JSON results from models", 2026;
 * litellm pull request #39115, 2026-09.
 */
export const converseStrict: Dialect = anthropicStrict
