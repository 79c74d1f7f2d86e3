import type { ProtocolName } from '../core/extras.ts'
import type { JsonObject } from '../core/json.ts'
import type { ListedModel } from '../providers/index.ts'

/** Models carry no date here; clients want one all the same. */
const CREATED = 1_735_689_600
const CREATED_AT = new Date(CREATED * 1000).toISOString()

/** One model as a client of the protocol expects it, with what it can do and costs beside it. */
export function modelBody(model: ListedModel, protocol: ProtocolName): JsonObject {
  const more: JsonObject = {
    vendor: model.vendor,
    account: model.account,
    capabilities: { ...model.capabilities, toolChoice: [...model.capabilities.toolChoice] },
    ...(model.context === undefined ? {} : { context_window: model.context }),
    ...(model.maxOutput === undefined ? {} : { max_output_tokens: model.maxOutput }),
    ...(model.price ? { price: { ...model.price, unit: 'USD per million tokens' } } : {}),
    ...(model.aliases.length > 0 ? { aliases: [...model.aliases] } : {}),
    ...(model.deprecated ? { deprecated: true } : {}),
  }
  return protocol === 'anthropic'
    ? {
        type: 'model',
        id: model.name,
        display_name: model.title ?? model.name,
        created_at: CREATED_AT,
        ...more,
      }
    : { id: model.name, object: 'model', created: CREATED, owned_by: model.vendor, ...more }
}

/** All models in the protocol's own list shape. */
export function modelList(models: readonly ListedModel[], protocol: ProtocolName): JsonObject {
  const data = models.map(model => modelBody(model, protocol))
  return protocol === 'anthropic'
    ? {
        data,
        has_more: false,
        first_id: models[0]?.name ?? null,
        last_id: models.at(-1)?.name ?? null,
      }
    : { object: 'list', data }
}
