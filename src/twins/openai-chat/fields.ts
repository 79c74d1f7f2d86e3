import { isRecord } from './json.ts'
import { type Path, pathText, quotedList, type Report, refusal } from './refusal.ts'
import { type Fields, fits, kindOf, must, noun, type Reading, type Shape, text } from './shapes.ts'

/** Checks an object's fields in the order of their declaration, then its unknown names. */
export function checkFields(
  value: { readonly [name: string]: unknown },
  fields: Fields,
  path: Path,
  reading: Reading,
  report: Report,
): void {
  for (const [name, field] of Object.entries(fields)) {
    const at = [...path, name]
    const found = value[name]
    const absent = found === undefined || (found === null && reading.nulls === 'absent')
    if (absent) {
      if (field.required && found === undefined) report(missing(at))
      else if (field.required) checkShape(found, field.shape, at, reading, report)
    } else if (found !== null || !field.nullable) {
      checkShape(found, field.shape, at, reading, report)
    }
  }
  if (reading.unknown === 'ignored') return
  const strange = Object.keys(value).filter(name => !Object.hasOwn(fields, name))
  if (strange.length > 0) reportStrange(value, strange, path, report)
}

/** Checks one value. */
export function checkShape(
  value: unknown,
  shape: Shape,
  path: Path,
  reading: Reading,
  report: Report,
): void {
  if (!fits(value, shape)) {
    report(wrongType(value, shape, path))
    return
  }
  switch (shape.is) {
    case 'string':
      if (typeof value === 'string') checkText(value, shape, path, report)
      break
    case 'integer':
    case 'number':
      if (typeof value === 'number') checkNumber(value, shape, path, report)
      break
    case 'array':
      if (Array.isArray(value)) {
        checkCount(value.length, shape, path, report)
        const items: readonly unknown[] = value
        for (const [index, item] of items.entries()) {
          checkShape(item, shape.of, [...path, index], reading, report)
        }
      }
      break
    case 'object':
      if (isRecord(value)) checkFields(value, shape.fields, path, reading, report)
      break
    case 'map':
      if (isRecord(value)) checkMap(value, shape, path, reading, report)
      break
    case 'tagged':
      if (isRecord(value)) checkTagged(value, shape, path, reading, report)
      break
    case 'either': {
      const chosen = shape.shapes.find(option => fits(value, option))
      if (chosen) checkShape(value, chosen, path, reading, report)
      break
    }
  }
}

function wrongType(value: unknown, shape: Shape, path: Path) {
  const expected = noun(shape)
  const message = `Invalid type for '${pathText(path)}': expected ${expected}, but got ${kindOf(value)} instead.`
  return refusal('type', path, message, { code: 'invalid_type', found: value, expected })
}

function missing(path: Path) {
  return refusal('missing', path, `Missing required parameter: '${pathText(path)}'.`, {
    code: 'missing_required_parameter',
  })
}

function reportStrange(
  value: { readonly [name: string]: unknown },
  strange: readonly string[],
  path: Path,
  report: Report,
): void {
  const rule = path.length === 0 ? 'unknown-argument' : 'unknown-field'
  for (const name of strange) {
    const at = [...path, name]
    report(
      refusal(rule, at, `Unknown parameter: '${pathText(at)}'.`, {
        code: 'unknown_parameter',
        found: value[name],
      }),
    )
  }
}

function checkText(
  value: string,
  shape: Extract<Shape, { is: 'string' }>,
  path: Path,
  report: Report,
): void {
  const place = pathText(path)
  if (shape.values && !shape.values.includes(value)) {
    report(unsupportedWord(value, shape.values, path))
  }
  if (shape.least !== undefined && value.length < shape.least) {
    const message = `Invalid '${place}': empty string. Expected a string with minimum length ${shape.least}, but got an empty string instead.`
    report(refusal('empty', path, message, { code: 'empty_string', found: value }))
  }
  if (shape.most !== undefined && value.length > shape.most) {
    const message = `Invalid '${place}': string too long. Expected a string with maximum length ${shape.most}, but got a string with length ${value.length} instead.`
    report(refusal('too-long', path, message, { code: 'string_above_max_length', found: value }))
  }
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value)) {
    const message = `Invalid '${place}': string does not match pattern. Expected a string that matches the pattern '${shape.pattern}'.`
    report(refusal('pattern', path, message, { code: 'invalid_value', found: value }))
  }
}

function unsupportedWord(value: string, values: readonly string[], path: Path) {
  const message = `Invalid value: '${value}'. Supported values are: ${quotedList(values)}.`
  const expected = quotedList(values)
  return refusal('value', path, message, { code: 'invalid_value', found: value, expected })
}

function checkNumber(
  value: number,
  shape: Extract<Shape, { is: 'integer' | 'number' }>,
  path: Path,
  report: Report,
): void {
  const word = shape.is === 'integer' ? 'integer' : 'decimal'
  const say = (side: 'below minimum' | 'above maximum', sign: string, bound: number) => {
    const message = `Invalid '${pathText(path)}': ${word} ${side} value. Expected a value ${sign} ${bound}, but got ${value} instead.`
    const code = `${word}_${side === 'below minimum' ? 'below_min' : 'above_max'}_value`
    report(refusal('range', path, message, { code, found: value, expected: `${sign} ${bound}` }))
  }
  if (shape.least !== undefined && value < shape.least) say('below minimum', '>=', shape.least)
  if (shape.most !== undefined && value > shape.most) say('above maximum', '<=', shape.most)
}

function checkCount(
  count: number,
  shape: Extract<Shape, { is: 'array' }>,
  path: Path,
  report: Report,
): void {
  const place = pathText(path)
  if (shape.least !== undefined && count < shape.least) {
    const message = `Invalid '${place}': empty array. Expected an array with minimum length ${shape.least}, but got an empty array instead.`
    report(refusal('empty', path, message, { code: 'empty_array' }))
  }
  if (shape.most !== undefined && count > shape.most) {
    const message = `Invalid '${place}': array too long. Expected an array with maximum length ${shape.most}, but got an array with length ${count} instead.`
    report(refusal('too-long', path, message, { code: 'array_above_max_length' }))
  }
}

function checkMap(
  value: { readonly [name: string]: unknown },
  shape: Extract<Shape, { is: 'map' }>,
  path: Path,
  reading: Reading,
  report: Report,
): void {
  const entries = Object.entries(value)
  if (shape.most !== undefined && entries.length > shape.most) {
    const message = `Invalid '${pathText(path)}': too many properties. Expected an object with at most ${shape.most} properties, but got an object with ${entries.length} properties instead.`
    report(refusal('too-many-properties', path, message, { code: 'object_above_max_properties' }))
  }
  for (const [name, item] of entries) {
    if (shape.longestKey !== undefined && name.length > shape.longestKey) {
      const message = `Invalid property name in '${pathText(path)}': '${name.slice(0, 10)}...' is too long. Expected a string with maximum length ${shape.longestKey}, but got a string with length ${name.length} instead.`
      report(refusal('too-long', path, message, { code: 'property_name_above_max_length' }))
    }
    checkShape(item, shape.of, [...path, name], reading, report)
  }
}

function checkTagged(
  value: { readonly [name: string]: unknown },
  shape: Extract<Shape, { is: 'tagged' }>,
  path: Path,
  reading: Reading,
  report: Report,
): void {
  const at = [...path, shape.tag]
  const tag = value[shape.tag]
  if (tag === undefined) {
    report(missing(at))
    return
  }
  if (typeof tag !== 'string') {
    report(wrongType(tag, text, at))
    return
  }
  const variant = Object.hasOwn(shape.variants, tag) ? shape.variants[tag] : undefined
  if (!variant) {
    report(unsupportedWord(tag, Object.keys(shape.variants), at))
    return
  }
  checkFields(value, { ...variant, [shape.tag]: must(text) }, path, reading, report)
}
