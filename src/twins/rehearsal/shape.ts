import { isoDate, isoTime } from './dates.ts'
import { sampleOf } from './pattern.ts'
import { isJson, type Schema, type TypeName } from './schema.ts'
import { compile } from './valid.ts'

const EXAMPLES: { readonly [format: string]: string } = {
  date: '2025-01-01',
  time: '12:00:00Z',
  'date-time': '2025-01-01T12:00:00Z',
  email: 'user@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  hostname: 'example.com',
}

/** Whether a schema lets a type in; a schema without types lets all in. */
export function allows(schema: Schema, type: TypeName): boolean {
  if (schema.types.size > 0)
    return schema.types.has(type) || (type === 'integer' && schema.types.has('number'))
  return schema.variants.length === 0 || schema.variants.some(one => allows(one, type))
}

/** A number within the schema's limits, or `undefined` if this one is not. */
export function fitNumber(number: number, schema: Schema): number | undefined {
  if (!Number.isFinite(number)) return undefined
  const mayBeReal = schema.types.size === 0 || schema.types.has('number')
  if (!mayBeReal && !Number.isInteger(number)) return undefined
  if (schema.minimum !== undefined && number < schema.minimum) return undefined
  if (schema.maximum !== undefined && number > schema.maximum) return undefined
  if (
    schema.step !== undefined &&
    Math.abs(number / schema.step - Math.round(number / schema.step)) > 1e-9
  )
    return undefined
  return schema.choices === undefined || schema.choices.includes(number) ? number : undefined
}

/** A text as the schema's format wants it, or `undefined` if it cannot be had. `now` is YYYY-MM-DD. */
export function fitText(text: string, schema: Schema, now?: string): string | undefined {
  const shaped = formatted(text, schema.format, now)
  if (shaped === undefined) return undefined
  const length = [...shaped].length
  if (schema.minLength !== undefined && length < schema.minLength) return undefined
  if (schema.maxLength !== undefined && length > schema.maxLength) return undefined
  if (schema.pattern === undefined) return shaped
  const pattern = compile(schema.pattern)
  const tries = [
    shaped,
    shaped.toUpperCase(),
    shaped.toLowerCase(),
    shaped.replace(/\s+/g, '-'),
    shaped.replace(/[^\p{L}\p{N}]+/gu, ''),
  ]
  return pattern === undefined ? shaped : tries.find(one => pattern.test(one))
}

function formatted(
  text: string,
  format: string | undefined,
  now: string | undefined,
): string | undefined {
  if (format === 'date') return isoDate(text, now)
  if (format === 'time') {
    const time = isoTime(text)
    return time === undefined ? undefined : `${time}Z`
  }
  if (format === 'date-time') return dateTime(text, now)
  if (format === 'email') return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? text : undefined
  if (format === 'uri' || format === 'url')
    return /^[a-z][a-z\d+.-]*:\S+$/i.test(text)
      ? text
      : /^www\.\S+$/.test(text)
        ? `https://${text}`
        : undefined
  if (format === 'uuid')
    return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? text : undefined
  if (format === 'ipv4')
    return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) &&
      text.split('.').every(part => Number(part) < 256)
      ? text
      : undefined
  if (format === 'hostname') return /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i.test(text) ? text : undefined
  return text
}

function dateTime(text: string, now: string | undefined): string | undefined {
  const exact = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/.exec(text)
  if (exact !== null) return exact[1] === undefined ? `${text}Z` : text
  const clock = /(\d{1,2}:\d{2}(?::\d{2})?\s?(?:[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\.?)\s*$/i.exec(
    text,
  )
  const day = isoDate(
    clock === null
      ? text
      : text
          .slice(0, clock.index)
          .replace(/\bat\s*$/, '')
          .trim(),
    now,
  )
  const hour = clock === null ? '00:00:00' : isoTime(clock[0])
  return day === undefined || hour === undefined ? undefined : `${day}T${hour}Z`
}

/** The smallest value that a schema lets in: its default, its first choice, or one made by its type. */
export function leastValue(schema: Schema, depth = 0): unknown {
  if (schema.fallback !== undefined && (schema.fallback !== null || schema.nullable))
    return schema.fallback
  if (schema.choices !== undefined && schema.choices.length > 0) return schema.choices[0]
  const example = schema.examples[0]
  if (example !== undefined) return example
  const variant = schema.variants[0]
  if (variant !== undefined && schema.properties.size === 0) return leastValue(variant, depth)
  const type = [...schema.types][0]
  if (type === undefined && schema.nullable) return null
  if (type === 'object') return leastObject(schema, depth)
  if (type === 'array') return leastArray(schema, depth)
  if (type === 'boolean') return false
  if (type === 'number' || type === 'integer') return leastNumber(schema)
  return leastText(schema)
}

function leastObject(schema: Schema, depth: number): unknown {
  const entries = [...schema.required].map(name => {
    const property = schema.properties.get(name)
    return [name, property === undefined || depth > 10 ? '' : leastValue(property, depth + 1)]
  })
  return Object.fromEntries(entries)
}

function leastArray(schema: Schema, depth: number): unknown {
  const out: unknown[] = depth > 10 ? [] : schema.places.map(place => leastValue(place, depth + 1))
  const item = schema.items
  while (out.length < (schema.minItems ?? 0)) {
    const made = item === undefined ? out.length : leastValue(item, depth + 1)
    out.push(schema.distinct === true ? another(made, out, item) : made)
  }
  return out
}

/** Another value of the same kind where one is in the list already, for lists of unique items. */
function another(made: unknown, list: readonly unknown[], item: Schema | undefined): unknown {
  if (!list.includes(made)) return made
  const choice = item?.choices?.find(one => !list.includes(one))
  if (choice !== undefined) return choice
  if (typeof made === 'number') return made + list.length * (item?.step ?? 1)
  return typeof made === 'string' ? `${made}${list.length}` : made
}

function leastNumber(schema: Schema): number {
  const step = schema.step ?? 0
  const least = schema.minimum ?? Math.min(0, schema.maximum ?? 0)
  const whole = schema.types.has('integer') && !schema.types.has('number')
  const start = whole ? Math.ceil(least) : least
  return step > 0 ? Math.ceil(start / step - 1e-9) * step : start
}

function leastText(schema: Schema): string {
  const format = schema.format === undefined ? undefined : EXAMPLES[schema.format]
  if (format !== undefined) return format
  if (schema.pattern !== undefined) {
    const sample = sampleOf(schema.pattern, schema.minLength ?? 0)
    if (compile(schema.pattern)?.test(sample) !== false) return sample
  }
  return 'unknown'.slice(0, schema.maxLength ?? 7).padEnd(schema.minLength ?? 0, 'x')
}

/** A found value fitted to a schema, or `undefined`: texts and numbers are turned into one another where that loses nothing. */
export function fitValue(value: unknown, schema: Schema, now?: string): unknown {
  if (schema.choices !== undefined) {
    return schema.choices.find(
      one => one === value || String(one).toLowerCase() === String(value).toLowerCase(),
    )
  }
  if (Array.isArray(value)) return fitList(value, schema, now)
  if (isJson(value)) return allows(schema, 'object') ? value : undefined
  if (typeof value === 'boolean') return allows(schema, 'boolean') ? value : undefined
  if (typeof value === 'number' && (allows(schema, 'number') || allows(schema, 'integer')))
    return fitNumber(value, numeric(schema))
  const text = String(value)
  if (allows(schema, 'string')) return fitText(text, stringy(schema), now)
  const number = Number(text)
  if (text.trim() !== '' && (allows(schema, 'number') || allows(schema, 'integer')))
    return fitNumber(number, numeric(schema))
  return undefined
}

function numeric(schema: Schema): Schema {
  return schema.variants.find(one => allows(one, 'integer')) ?? schema
}

function stringy(schema: Schema): Schema {
  return schema.variants.find(one => allows(one, 'string')) ?? schema
}

function fitList(value: readonly unknown[], schema: Schema, now: string | undefined): unknown {
  if (!allows(schema, 'array')) return undefined
  const array = schema.types.has('array')
    ? schema
    : (schema.variants.find(one => one.types.has('array')) ?? schema)
  const out: unknown[] = []
  value.forEach((one, index) => {
    const place = array.places[index] ?? array.items
    const fitted = place === undefined ? one : fitValue(one, place, now)
    if (fitted !== undefined && !(array.distinct === true && out.includes(fitted))) out.push(fitted)
  })
  if (out.length === 0 && value.length > 0) return undefined
  if (array.minItems !== undefined && out.length < array.minItems) return undefined
  return array.maxItems === undefined ? out : out.slice(0, array.maxItems)
}
