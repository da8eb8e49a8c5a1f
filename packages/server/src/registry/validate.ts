import {
  describeIssue,
  isJsonObject,
  isStandardSchema,
  type JsonObject,
  type MaybePromise,
  type StandardSchema,
  toJsonSchema,
} from '@bao-mcp/protocol/engine'
import { chain } from '../then.ts'
import { brokenPatterns, danglingReferences, dialectOf, foreignReferences } from './plain-schema.ts'

/** A value that passed, as the schema gives it out, or what is wrong with it, place by place. */
export type Verdict = { ok: true; value: unknown } | { ok: false; issues: readonly string[] }

/** A schema made ready once: what is listed of it, and how a value is checked against it. */
export interface CompiledSchema {
  readonly json: JsonObject
  check(value: unknown): MaybePromise<Verdict>
}

/** Issues in one text that are told of; what is wrong in a thousand places is wrong for few reasons. */
const MAX_TOLD_ISSUES = 20

/** The issues of a verdict as one text. */
export function listIssues(issues: readonly string[]): string {
  const told = issues.slice(0, MAX_TOLD_ISSUES).join('; ')
  return issues.length > MAX_TOLD_ISSUES ? `${told}; and ${issues.length - MAX_TOLD_ISSUES} more` : told
}

/**
 * Compiles a Standard Schema or a plain JSON Schema object. A Standard Schema checks with its own library; a plain one
 * with an interpreter that loads on first use.
 * @param json the JSON Schema to list instead of the converted one
 * @throws {TypeError} when the schema cannot be listed
 */
export function compileSchema(
  schema: StandardSchema | JsonObject,
  side: 'input' | 'output',
  what: string,
  json?: JsonObject,
): CompiledSchema {
  if (isStandardSchema(schema)) {
    return { json: json ?? toJsonSchema(schema, side, what), check: (value) => checkStandard(schema, value) }
  }
  if (!isJsonObject(schema)) throw new TypeError(`${what}: a schema must be a Standard Schema or a JSON Schema object`)
  mustBeUsable(schema, what)
  return compilePlain(schema, json ?? schema)
}

/** What the interpreter could only find out when the first value comes. */
function mustBeUsable(schema: JsonObject, what: string): void {
  try {
    dialectOf(schema)
  } catch (cause) {
    throw new TypeError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  const [foreign] = foreignReferences(schema)
  if (foreign !== undefined) {
    throw new TypeError(`${what}: ${JSON.stringify(foreign)} is not part of the schema, and nothing is fetched`)
  }
  const [dangling] = danglingReferences(schema)
  if (dangling !== undefined) throw new TypeError(`${what}: ${JSON.stringify(dangling)} leads nowhere in the schema`)
  const [pattern] = brokenPatterns(schema)
  if (pattern !== undefined) throw new TypeError(`${what}: ${JSON.stringify(pattern)} is no regular expression`)
}

function checkStandard(schema: StandardSchema, value: unknown): MaybePromise<Verdict> {
  return chain(schema['~standard'].validate(value), toVerdict)
}

function toVerdict(result: Awaited<ReturnType<StandardSchema['~standard']['validate']>>): Verdict {
  if (result.issues === undefined) return { ok: true, value: result.value }
  return { ok: false, issues: result.issues.map(describeIssue) }
}

function compilePlain(schema: JsonObject, json: JsonObject): CompiledSchema {
  let check: ((value: unknown) => Verdict) | undefined
  return {
    json,
    check(value) {
      if (check !== undefined) return check(value)
      return import('./json-schema.ts').then(({ jsonSchemaChecker }) => {
        check ??= jsonSchemaChecker(schema)
        return check(value)
      })
    },
  }
}
