import type { Mutation } from './mutation.ts'

const SRC = 'packages/protocol/src'
const MODERN = `${SRC}/revisions/2026-07-28`
const LEGACY = `${SRC}/revisions/2025-11-25`

/** Rules of messages, revisions and their encodings. */
export const protocolMutations: readonly Mutation[] = [
  {
    rule: 'MCP-002',
    wrong: 'takes null for a request id',
    file: `${SRC}/jsonrpc/message.ts`,
    from: "return typeof value === 'string' || Number.isSafeInteger(value)",
    to: "return typeof value === 'string' || value === null || Number.isSafeInteger(value)",
    test: `${SRC}/jsonrpc/message.test.ts`,
  },
  {
    rule: 'MCP-013',
    wrong: 'takes a result of a kind that nobody announced for complete',
    file: `${MODERN}/results.ts`,
    from: "if (resultType === undefined || resultType === 'complete') return complete(result)",
    to: "if (resultType !== 'input_required') return complete(result)",
    test: `${MODERN}/results.test.ts`,
  },
  {
    rule: 'MCP-014',
    wrong: 'lets handlers answer with codes that are kept for the protocol',
    file: `${MODERN}/index.ts`,
    from: '(code < -32099 || code > -32020)',
    to: '(code < -32099 || code > -32050)',
    test: `${SRC}/revisions/index.errors.test.ts`,
  },
  {
    rule: 'MCP-016',
    wrong: 'lets handlers answer with the old code for a missing resource',
    file: `${MODERN}/index.ts`,
    from: 'code !== OLD_RESOURCE_NOT_FOUND && ',
    to: '',
    test: 'packages/server/src/registry/run-handler.test.ts',
  },
  {
    rule: 'MCP-036',
    wrong: 'answers a request that was cancelled',
    file: `${SRC}/jsonrpc/inbound.ts`,
    from: 'function succeed(exchange: InboundExchange, result: JsonObject): void {\n    if (exchange.cancelled) return\n',
    to: 'function succeed(exchange: InboundExchange, result: JsonObject): void {\n',
    test: `${SRC}/jsonrpc/peer.answers.test.ts`,
  },
  {
    rule: 'MCP-125',
    wrong: 'sends a value that looks encoded as it is',
    file: `${SRC}/header-value.ts`,
    from: 'return /^[ -~]*$/.test(value) && !(value.startsWith(PREFIX) && value.endsWith(SUFFIX))',
    to: 'return /^[ -~]*$/.test(value)',
    test: `${SRC}/header-value.test.ts`,
  },
  {
    rule: 'MCP-131',
    wrong: 'answers an unknown method with 200',
    file: `${MODERN}/http.ts`,
    from: '  [METHOD_NOT_FOUND, 404],\n',
    to: '',
    test: 'packages/server/src/eras/modern/admit.test.ts',
  },
  {
    rule: 'MCP-127',
    wrong: 'believes a header that says another method than the body',
    file: `${MODERN}/http.ts`,
    from: 'if (sentMethod !== method) mustRepeat(',
    to: 'if (sentMethod === null) mustRepeat(',
    test: 'packages/server/src/eras/modern/admit.test.ts',
  },
  {
    rule: 'MCP-191',
    wrong: 'sends the state of a round before again',
    file: `${MODERN}/envelope.ts`,
    from: 'const { requestState: _stale, ...rest } = params ?? {}',
    to: 'const rest = params ?? {}',
    test: `${MODERN}/envelope.test.ts`,
  },
  {
    rule: 'MCP-236',
    wrong: 'lets a conversation go on with an open tool use',
    file: `${SRC}/sampling-turns.ts`,
    from: 'const missing = open.find((id) => !results.includes(id))',
    to: 'const missing = undefined',
    test: 'packages/server/src/context.sampling.test.ts',
  },
  {
    rule: 'MCP-241',
    wrong: 'answers older servers with a list of blocks',
    file: `${LEGACY}/questions.ts`,
    from: "if (!severalBlocks || method !== 'sampling/createMessage'",
    to: "if (severalBlocks || method !== 'sampling/createMessage'",
    test: 'packages/client/src/input-handlers.rules.test.ts',
  },
]
