import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** A form as it was filled in, and what is wrong with it, field by field. */
export interface FilledForm {
  content: JsonObject
  /** One line per fault, `field: what was expected`; empty when the content fits. */
  issues: readonly string[]
}

/**
 * Adds the defaults of fields that were left out and checks every field against the flat schema of an elicitation.
 * Fields the schema does not name are kept when their value is one a form can have.
 * @param schema the `requestedSchema` of the elicitation
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#requested-schema
 */
export function fillForm(schema: JsonObject, content: JsonObject): FilledForm {
  const fields = isJsonObject(schema.properties) ? schema.properties : {}
  const filled = new Map(Object.entries(content).filter(([, value]) => value !== undefined))
  const issues: string[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (!isJsonObject(field)) {
      issues.push(`${name}: the form describes this field with something that is no schema`)
      continue
    }
    if (!filled.has(name) && field.default !== undefined) filled.set(name, field.default)
    if (!filled.has(name)) continue
    const issue = faultOf(field, filled.get(name))
    if (issue !== undefined) issues.push(`${name}: ${issue}`)
  }
  for (const [name, value] of filled) {
    if (!Object.hasOwn(fields, name) && !isFormValue(value)) issues.push(`${name}: no form can hold this value`)
  }
  for (const name of Array.isArray(schema.required) ? schema.required : []) {
    if (!filled.has(name)) issues.push(`${name}: required and missing`)
  }
  return { content: Object.fromEntries(filled), issues }
}

function isFormValue(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return true
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** What is wrong with one value; undefined when nothing is. */
function faultOf(field: JsonObject, value: unknown): string | undefined {
  switch (field.type) {
    case 'string':
      return stringFault(field, value)
    case 'number':
    case 'integer':
      return numberFault(field, value)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'expected true or false'
    case 'array':
      return choicesFault(field, value)
    default:
      return `the form asks for the type ${JSON.stringify(field.type)}, which no form field has`
  }
}

function stringFault(field: JsonObject, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'expected a string'
  const choices = choicesOf(field)
  if (choices !== undefined) return choices.includes(value) ? undefined : `expected one of ${choices.join(', ')}`
  // JSON Schema counts characters, not the code units of a JavaScript string
  const length = [...value].length
  const { minLength, maxLength, format } = field
  if (typeof minLength === 'number' && length < minLength) return `expected at least ${minLength} characters`
  if (typeof maxLength === 'number' && length > maxLength) return `expected at most ${maxLength} characters`
  const fits = typeof format === 'string' ? FORMATS.get(format) : undefined
  return fits === undefined || fits(value) ? undefined : `expected the format ${format}`
}

function numberFault(field: JsonObject, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'expected a number'
  if (field.type === 'integer' && !Number.isInteger(value)) return 'expected a whole number'
  const { minimum, maximum } = field
  if (typeof minimum === 'number' && value < minimum) return `expected at least ${minimum}`
  if (typeof maximum === 'number' && value > maximum) return `expected at most ${maximum}`
  return undefined
}

function choicesFault(field: JsonObject, value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'expected a list'
  const choices = isJsonObject(field.items) ? choicesOf(field.items) : undefined
  const stranger = value.find((one) => typeof one !== 'string' || choices?.includes(one) === false)
  if (stranger !== undefined) return `expected only ${choices === undefined ? 'strings' : choices.join(', ')}`
  const { minItems, maxItems } = field
  if (typeof minItems === 'number' && value.length < minItems) return `expected at least ${minItems} choices`
  if (typeof maxItems === 'number' && value.length > maxItems) return `expected at most ${maxItems} choices`
  return undefined
}

/** The values a choice allows, in any of the ways revisions write it; undefined when the field is no choice. */
function choicesOf({ enum: plain, oneOf, anyOf }: JsonObject): unknown[] | undefined {
  if (Array.isArray(plain)) return plain
  const titled = oneOf ?? anyOf
  return Array.isArray(titled) ? titled.map((one) => (isJsonObject(one) ? one.const : undefined)) : undefined
}

const FORMATS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['email', (value) => /^[^\s@]+@[^\s@]+$/.test(value)],
  ['uri', (value) => URL.canParse(value)],
  ['date', isDate],
  ['date-time', isDateTime],
])

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const date = new Date(`${value}T00:00:00Z`)
  // a day that does not exist is moved into the next month
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

function isDateTime(value: string): boolean {
  const parts = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.exec(value)
  return parts?.[1] !== undefined && isDate(parts[1]) && !Number.isNaN(Date.parse(value))
}
