import type { RevisionDate } from '../../packages/protocol/src/shapes/index.ts'
import type { Definitions, SchemaNode } from './official.ts'

/**
 * One way in which our schemas and a published JSON Schema differ on purpose, written as the change that would make the
 * published one agree. With every change of its revision made, the verdicts must be the same on every case; a change
 * that no case needs is stale.
 */
export interface Disagreement {
  id: string
  revisions: readonly RevisionDate[]
  /** Which of the two follows the prose of the specification. */
  right: 'ours' | 'schema' | 'either'
  /** The sentence that decides, or the reason where there is none. */
  because: string
  change(definitions: Definitions): void
}

const all: readonly RevisionDate[] = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']

export const disagreements: readonly Disagreement[] = [
  {
    id: 'formats-unchecked',
    revisions: all,
    right: 'schema',
    because:
      'uri, uri-template and base64 members are taken as text: whoever opens one parses it anyway, and refusing a whole list for one odd uri would hide every good entry.',
    change: (definitions) => forEachNode(definitions, (node) => typeof node.format === 'string' && delete node.format),
  },
  {
    id: 'echoable-integers',
    revisions: all,
    right: 'either',
    because:
      '"Responses MUST include the same ID as the request they correspond to": an integer past 2^53 may be another number once JSON.parse has read it, so it is refused instead of echoed wrongly.',
    change(definitions) {
      for (const name of ['RequestId', 'ProgressToken']) {
        definitions[name] = {
          anyOf: [
            { type: 'string' },
            { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
          ],
        }
      }
    },
  },
  {
    id: 'elicited-fractions',
    revisions: ['2025-06-18', '2025-11-25', '2026-07-28'],
    right: 'ours',
    because:
      'A form may ask for {type: "number"}, and schema.ts declares the answer as number; the JSON Schema generator wrote integer.',
    change(definitions) {
      const value = definitions.ElicitResult?.properties?.content?.additionalProperties
      for (const node of value?.anyOf ?? (value ? [value] : [])) {
        if (Array.isArray(node.type)) node.type = ['string', 'number', 'boolean']
      }
    },
  },
  {
    id: 'json-values',
    revisions: ['2026-07-28'],
    right: 'ours',
    because:
      'schema.ts declares JSONValue as string | number | boolean | null | JSONObject | JSONArray; the generator lost null and fractions.',
    change(definitions) {
      definitions.JSONValue = {}
    },
  },
  {
    id: 'result-type-decides',
    revisions: ['2026-07-28'],
    right: 'ours',
    because:
      '"complete" is a final result and "input_required" an interim one; a value that is neither core nor from an advertised extension is an invalid response. The JSON Schema takes any string.',
    change(definitions) {
      for (const [name, node] of Object.entries(definitions)) {
        const type = node.properties?.resultType
        if (!type || !name.endsWith('Result') || name === 'Result') continue
        type.const = name === 'InputRequiredResult' ? 'input_required' : 'complete'
      }
    },
  },
  {
    id: 'input-required-asks-something',
    revisions: ['2026-07-28'],
    right: 'ours',
    because: 'An input_required result MUST include at least one of inputRequests and requestState.',
    change(definitions) {
      const node = definitions.InputRequiredResult
      if (node) node.anyOf = [{ required: ['inputRequests'] }, { required: ['requestState'] }]
    },
  },
  {
    id: 'meta-of-inline-params',
    revisions: ['2025-11-25'],
    right: 'ours',
    because:
      '_meta is an object wherever it stands; the params written in line in these four definitions merely do not mention it.',
    change(definitions) {
      const meta = { ...definitions.RequestParams?.properties?._meta }
      for (const name of ['GetTaskRequest', 'GetTaskPayloadRequest', 'CancelTaskRequest'])
        mention(definitions, name, meta)
      mention(definitions, 'ElicitationCompleteNotification', { type: 'object' })
    },
  },
  {
    id: 'one-kind-of-message',
    revisions: all,
    right: 'ours',
    because:
      'A response has exactly one of result and error, a notification MUST NOT have an id, and a message with a method is no response; open objects let the schemas accept all of these mixtures.',
    change(definitions) {
      const request = ['result', 'error']
      const response = ['method', 'error']
      const failure = ['method', 'result']
      forbid(definitions, 'JSONRPCRequest', request)
      forbid(definitions, 'JSONRPCNotification', ['id', ...request])
      forbid(definitions, definitions.JSONRPCResultResponse ? 'JSONRPCResultResponse' : 'JSONRPCResponse', response)
      forbid(definitions, definitions.JSONRPCErrorResponse ? 'JSONRPCErrorResponse' : 'JSONRPCError', failure)
      for (const name of errorResponses) forbid(definitions, name, failure)
    },
  },
  {
    id: 'errors-without-id',
    revisions: ['2024-11-05', '2025-03-26', '2025-06-18'],
    right: 'ours',
    because:
      'JSON-RPC: if the id of the request could not be read there is none to echo. Later revisions made it optional; peers of every age leave it out.',
    change(definitions) {
      const node = definitions.JSONRPCError
      if (node) node.required = ['jsonrpc', 'error']
    },
  },
  {
    id: 'envelope-is-only-an-envelope',
    revisions: all,
    right: 'either',
    because:
      'The envelope schema says what the engine must know to route a message. What params and results hold is judged by the schemas of their method, so that an absent resultType or an odd _meta is answered and not dropped.',
    change(definitions) {
      const names = ['JSONRPCRequest', 'JSONRPCNotification', 'JSONRPCResponse', 'JSONRPCResultResponse']
      for (const name of names) {
        const node = definitions[name]
        if (!node?.properties) continue
        const properties = { ...node.properties }
        for (const open of ['params', 'result']) if (properties[open]) properties[open] = { type: 'object' }
        definitions[`Open${name}`] = { ...node, properties }
      }
      for (const name of ['JSONRPCMessage', 'JSONRPCResponse', 'JSONRPCBatchRequest', 'JSONRPCBatchResponse']) {
        const node = definitions[name]
        if (node) forEachNode({ node }, (inner) => retarget(inner, definitions))
      }
    },
  },
]

/**
 * The one disagreement no change to a schema can express: a member some other revision defines and this one does not.
 * The official schema takes any value there; ours checks the type the other revision gives it.
 */
export const MEMBERS_OF_OTHER_REVISIONS: Omit<Disagreement, 'change'> = {
  id: 'members-of-other-revisions',
  revisions: all,
  right: 'schema',
  because:
    "A member an older or newer revision gives a meaning (title, icons, _meta...) is nobody else's: a wrong type there is a fault of the sender in every revision, and one shape instead of five keeps the code that reads it simple.",
}

const errorResponses = [
  'HeaderMismatchError',
  'MissingRequiredClientCapabilityError',
  'UnsupportedProtocolVersionError',
  'URLElicitationRequiredError',
]

function retarget(node: SchemaNode, definitions: Definitions): void {
  const name = node.$ref?.split('/').at(-1)
  if (name && definitions[`Open${name}`]) node.$ref = node.$ref?.replace(name, `Open${name}`) ?? ''
}

function mention(definitions: Definitions, name: string, meta: SchemaNode): void {
  const params = definitions[name]?.properties?.params
  if (params?.properties) params.properties._meta = meta
}

function forbid(definitions: Definitions, name: string, members: readonly string[]): void {
  const node = definitions[name]
  if (node) node.not = { anyOf: members.map((member) => ({ required: [member] })) }
}

/** Visits every schema below a value. A member named `format` that is itself a schema is a property, not a keyword. */
function forEachNode(value: object, visit: (node: SchemaNode) => unknown): void {
  for (const inner of Object.values(value)) {
    if (typeof inner !== 'object' || inner === null) continue
    visit(inner)
    forEachNode(inner, visit)
  }
}
