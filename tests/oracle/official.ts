import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { RevisionDate } from '../../packages/protocol/src/shapes/index.ts'
import type { Sample } from './samples/sample.ts'

/** The part of a JSON Schema these tests read or change. */
export interface SchemaNode {
  $ref?: string
  type?: string | string[]
  const?: unknown
  format?: string
  properties?: Record<string, SchemaNode>
  required?: string[]
  anyOf?: SchemaNode[]
  allOf?: SchemaNode[]
  not?: SchemaNode
  additionalProperties?: SchemaNode
  minimum?: number
  maximum?: number
}
export type Definitions = Record<string, SchemaNode>

/** The published schema of a revision: its definitions, and the keyword they lie under. */
export interface Official {
  dialect: string
  keyword: 'definitions' | '$defs'
  definitions: Definitions
}

export const folder: string | undefined = process.env.BAO_CONTRACT_DATA

/** Names a test that cannot run without the optional contract data. */
export const unlessMissing: string = folder ? '' : ' (skipped: BAO_CONTRACT_DATA is unset)'

export async function readOfficial(revision: RevisionDate): Promise<Official> {
  const text = await Bun.file(join(folder ?? '', 'schema', `${revision}.json`)).text()
  const { $schema, definitions, $defs } = JSON.parse(text)
  return { dialect: $schema, keyword: $defs ? '$defs' : 'definitions', definitions: $defs ?? definitions }
}

/** Follows a reference inside the document. */
export function resolve({ definitions }: Official, node: SchemaNode): SchemaNode {
  const name = node.$ref?.split('/').at(-1)
  return name === undefined ? node : resolveNamed(definitions, name)
}

export function resolveNamed(definitions: Definitions, name: string): SchemaNode {
  const found = definitions[name]
  if (!found) throw new Error(`the official schema has no definition ${name}`)
  return found
}

/** The definition's name for a method on the wire. */
export function definitionOf({ definitions }: Official, method: string): string {
  const found = Object.entries(definitions).find(([, node]) => node.properties?.method?.const === method)
  if (!found) throw new Error(`the official schema has no method ${method}`)
  return found[0]
}

const acknowledged = ['PingRequest', 'SubscribeRequest', 'UnsubscribeRequest', 'SetLevelRequest']
const augmentable = ['CallToolRequest', 'CreateMessageRequest', 'ElicitRequest']

function answersOf(official: Official, request: string): string[] {
  const root = `#/${official.keyword}/`
  const response = request.replace(/Request$/, 'ResultResponse')
  if (official.definitions[response]) return [`${root}${response}/properties/result`]
  if (acknowledged.includes(request)) return [`${root}EmptyResult`]
  const own = `${root}${request.replace(/Request$/, 'Result')}`
  const task = official.definitions.CreateTaskResult && augmentable.includes(request)
  return task ? [own, `${root}CreateTaskResult`] : [own]
}

/** A validator of one kind of sample: it takes the sample's value, not the whole message. */
export type Judge = (value: unknown) => boolean

/** Compiles a (possibly edited) official schema; validators are made on first use, one per kind of sample. */
export function createOracle(official: Official): (sample: Sample) => Judge {
  const ajv = official.dialect.includes('2020-12') ? new Ajv2020({ strict: false }) : new Ajv({ strict: false })
  formats.default(ajv)
  ajv.addSchema({ $schema: official.dialect, [official.keyword]: official.definitions }, 'mcp')
  const ref = (name: string): SchemaNode => ({
    $ref: name.startsWith('#') ? `mcp${name}` : `mcp#/${official.keyword}/${name}`,
  })
  const judges = new Map<string, Judge>()

  function make({ place, name }: Sample): Judge {
    const compile = (schema: SchemaNode): ValidateFunction => ajv.compile(schema)
    switch (place) {
      case 'params':
        return wrapped(compile({ allOf: [ref(definitionOf(official, name)), ref('JSONRPCRequest')] }), name, { id: 1 })
      case 'notice':
        return wrapped(compile({ allOf: [ref(definitionOf(official, name)), ref('JSONRPCNotification')] }), name, {})
      case 'input':
        return wrapped(compile(ref(definitionOf(official, name))), name, {})
      case 'result':
        return compile({ anyOf: answersOf(official, definitionOf(official, name)).map(ref) })
      case 'answer':
        return compile(ref(definitionOf(official, name).replace(/Request$/, 'Result')))
      case 'client':
      case 'server':
      case 'message':
      case 'definition':
        return compile(ref(name))
      default:
        return place satisfies never
    }
  }

  return (sample) => {
    const key = `${sample.place} ${sample.name}`
    const judge = judges.get(key) ?? make(sample)
    judges.set(key, judge)
    return judge
  }
}

function wrapped(validate: ValidateFunction, method: string, more: object): Judge {
  return (params) => validate({ jsonrpc: '2.0', method, ...more, ...(params !== undefined && { params }) })
}
