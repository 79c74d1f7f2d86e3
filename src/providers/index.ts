export type { Authority, Cloud, CloudField, CloudPlace } from './authority.ts'
export { CLOUD_FIELDS } from './authority.ts'
export type { ModelEntry, Price } from './catalog.ts'
export { priceOf } from './catalog.ts'
export type {
  Account,
  Auth,
  Capabilities,
  Endpoint,
  EndpointPaths,
  ModelRule,
  Provider,
  ToolChoiceForm,
  UnservedRule,
} from './provider.ts'
export { TOOL_CHOICE_FORMS } from './provider.ts'
export { findProvider, PROVIDERS } from './registry.ts'
export type { ListedModel, ResolvedModel, Resolver } from './resolve.ts'
export { createResolver, resolveModel } from './resolve.ts'
export { tracedName } from './traced.ts'
