/** One way in which our schemas and those of the official package differ on purpose, single changes matched by place. */
export interface CoreDisagreement {
  id: string
  /** Which side accepts what the other refuses. */
  accepted: 'ours' | 'theirs'
  /** The exported schemas it may show in. */
  shapes: RegExp
  /** The changed place: keys joined by dots, indices as `*`, an added member's key at the end. */
  path: RegExp
  when?(value: unknown): boolean
  right: 'ours' | 'theirs' | 'either'
  because: string
}

const any = /./

export const coreDisagreements: readonly CoreDisagreement[] = [
  {
    id: 'empty-results-are-open',
    accepted: 'ours',
    shapes: /^EmptyResult$/,
    path: /^/,
    right: 'ours',
    because: 'Results are open objects: {} may carry members and any _meta.',
  },
  {
    id: 'envelopes-are-open',
    accepted: 'ours',
    shapes: /^JsonRpcMessage$/,
    path: /^/,
    right: 'ours',
    because: 'An envelope with an unknown member is still a message; refusing it leaves its sender waiting.',
  },
  {
    id: 'base64-unchecked',
    accepted: 'ours',
    shapes: any,
    path: /(^|\.)(data|blob)$/,
    right: 'theirs',
    because: 'format: byte is left to whoever decodes it, so that large content is not scanned twice.',
  },
  {
    id: 'dates-unchecked',
    accepted: 'ours',
    shapes: any,
    path: /annotations\.lastModified$/,
    right: 'either',
    because: 'The prose says ISO 8601, the schema string: a date is as valid as a date with time.',
  },
  {
    id: 'root-schemes-unchecked',
    accepted: 'ours',
    shapes: /^(Root|ListRootsResult)$/,
    path: /uri$/,
    right: 'theirs',
    because: 'A root MUST be a file:// uri; the schema says uri, and the client that offers roots checks its own.',
  },
  {
    id: 'urls-unchecked',
    accepted: 'ours',
    shapes: /^ElicitRequestParams$/,
    path: /^url$/,
    right: 'theirs',
    because: 'format: uri is left to whoever opens the page and has to judge its scheme anyway.',
  },
  {
    id: 'visits-without-id',
    accepted: 'ours',
    shapes: /^ElicitRequestParams$/,
    path: /^/,
    when: (value) => typeof value === 'object' && value !== null && 'url' in value && !('elicitationId' in value),
    right: 'ours',
    because: '2026-07-28 removed elicitationId.',
  },
  {
    id: 'integers-past-2-to-53',
    accepted: 'ours',
    shapes: /^(CompleteResult|CreateMessageRequestParams)$/,
    path: /(total|maxTokens)$/,
    right: 'ours',
    because: 'An integer has no upper bound; only ids and tokens, which are echoed, must be exact.',
  },
  {
    id: 'long-completions-are-read',
    accepted: 'ours',
    shapes: /^CompleteResult$/,
    path: /^completion\.values$/,
    right: 'either',
    because:
      'At most 100 values is what a server may send; only the JSON Schema of 2026-07-28 says so, and its catalogue does. The neutral shape reads what an older server sends too much of.',
  },
  {
    id: 'input-schemas-unread',
    accepted: 'ours',
    shapes: any,
    path: /inputSchema\.(properties|required)(\.\*)?$/,
    right: 'either',
    because:
      '2026-07-28 takes any JSON Schema beside type: "object"; whether it is a valid one is the validator\'s question.',
  },
  {
    id: 'content-is-required',
    accepted: 'theirs',
    shapes: /^CallToolResult$/,
    path: /^(content)?$/,
    right: 'ours',
    because: 'content is required in every revision; theirs fills in an empty list.',
  },
  {
    id: 'counts-are-integers',
    accepted: 'theirs',
    shapes: any,
    path: /(^|\.)(size|ttl|pollInterval|minLength|maxLength|minItems|maxItems)$/,
    right: 'ours',
    because: 'The JSON Schemas say integer.',
  },
  {
    id: 'titles-of-arguments',
    accepted: 'theirs',
    shapes: any,
    path: /(arguments\.\*|^ref)\.title$/,
    right: 'ours',
    because: 'PromptArgument and PromptReference have had a title, a string, since 2025-06-18.',
  },
  {
    id: 'no-null-content',
    accepted: 'theirs',
    shapes: /^ElicitResult$/,
    path: /^content$/,
    when: (value) => JSON.stringify(value).includes('"content":null'),
    right: 'ours',
    because: 'An absent content is absent, not null.',
  },
  {
    id: 'dialects-are-strings',
    accepted: 'theirs',
    shapes: any,
    path: /(inputSchema|requestedSchema)\.\$schema$/,
    right: 'ours',
    because: '$schema is a string since 2025-11-25.',
  },
  {
    id: 'metadata-is-typed',
    accepted: 'theirs',
    shapes: any,
    path: /^_meta\.io\.modelcontextprotocol\//,
    right: 'ours',
    because:
      'The JSON Schema of 2026-07-28 types the namespaced keys of _meta; theirs are checked elsewhere or dropped.',
  },
  {
    id: 'result-envelope-is-typed',
    accepted: 'theirs',
    shapes: /Result$/,
    path: /^(resultType|ttlMs|cacheScope)$/,
    right: 'ours',
    because: 'The JSON Schema of 2026-07-28 types them; theirs are checked elsewhere.',
  },
  {
    id: 'rounds-are-typed',
    accepted: 'theirs',
    shapes: /RequestParams$/,
    path: /^(inputResponses|requestState)(\.|$)/,
    right: 'ours',
    because: 'The JSON Schema of 2026-07-28 types them; theirs are checked elsewhere.',
  },
]
