import type { Mutation } from './mutation.ts'

const SRC = 'packages/client/src'

/** Rules of asking: what is sent to whom, what is believed, what is kept. */
export const clientMutations: readonly Mutation[] = [
  {
    rule: 'MCP-041',
    wrong: 'tries a handshake after an error that only the modern era knows',
    file: `${SRC}/eras/probe.ts`,
    from: '    case HEADER_MISMATCH:\n    case MISSING_CLIENT_CAPABILITY:\n',
    to: '    case HEADER_MISMATCH:\n',
    test: `${SRC}/eras/probe.test.ts`,
  },
  {
    rule: 'MCP-083',
    wrong: 'does not notice that its session is over',
    file: `${SRC}/eras/legacy/lost-session.ts`,
    from: 'if (status === 404) return hadId &&',
    to: 'if (status === 410) return hadId &&',
    test: `${SRC}/eras/legacy/lost-session.test.ts`,
  },
  {
    rule: 'MCP-105',
    wrong: 'lets an extension have an id without a prefix',
    file: `${SRC}/extension.ts`,
    from: 'if (!EXTENSION_ID.test(id)) {',
    to: "if (id === '') {",
    test: `${SRC}/extension.ids.test.ts`,
  },
  {
    rule: 'MCP-154',
    wrong: 'shares what is private with everybody',
    file: `${SRC}/cache.ts`,
    from: "isPublic: cacheScope === 'public' }",
    to: 'isPublic: cacheScope !== undefined }',
    test: `${SRC}/cache.test.ts`,
  },
  {
    rule: 'MCP-211',
    wrong: 'believes annotations of a server that is not trusted',
    file: `${SRC}/manager/tool-call.ts`,
    from: 'const isTrusting = options.trustAnnotations !== false',
    to: 'const isTrusting = options.trustAnnotations !== undefined || true',
    test: `${SRC}/manager/calls.test.ts`,
  },
  {
    rule: 'MCP-230',
    wrong: 'tells a root that is no place in the file system',
    file: `${SRC}/input-handlers.ts`,
    from: "return typeof uri === 'string' && /^file:\\/\\//i.test(uri) && URL.canParse(uri)",
    to: "return typeof uri === 'string' && URL.canParse(uri)",
    test: `${SRC}/input-handlers.rules.test.ts`,
  },
  {
    rule: 'MCP-266',
    wrong: 'logs in where nobody says that PKCE is understood',
    file: `${SRC}/auth/authorization-request.ts`,
    from: '(methods === undefined && isOrigin)',
    to: '(methods === undefined && isOrigin !== undefined)',
    test: `${SRC}/auth/oauth.hostile.test.ts`,
  },
  {
    rule: 'MCP-269',
    wrong: 'uses a code that another authorization server gave',
    file: `${SRC}/auth/authorization-request.ts`,
    from: 'if (iss !== undefined && iss !== issuer) {',
    to: "if (iss !== undefined && iss === '') {",
    test: `${SRC}/auth/oauth.hostile.test.ts`,
  },
]
