import { METHOD_NOT_FOUND, RpcError } from '../../jsonrpc/errors.ts'
import { isJsonObject } from '../../jsonrpc/message.ts'
import type { Revision } from '../revision.ts'
import { attach, lift } from './envelope.ts'
import { httpOf } from './http.ts'
import { encodePrompt, encodeResource } from './listed.ts'
import { HANDSHAKE_VERSIONS, type HandshakeVersion, inputsOf, noticesOf, requestsOf } from './methods.ts'
import { encodeAnswer, encodeInput } from './questions.ts'
import { decode, encode, encodeTool, LACKS } from './results.ts'

const RESOURCE_NOT_FOUND = -32002
const URL_ELICITATION_REQUIRED = -32042

function handshakeRevision(version: HandshakeVersion): Revision {
  const lacks = LACKS[version]
  return {
    version,
    requests: requestsOf(version),
    notices: noticesOf(version),
    inputs: inputsOf(version),
    batches: version === '2025-03-26',
    attach,
    lift,
    encode: (method, outcome) => encode(method, outcome, lacks),
    encodeTool: (tool) => encodeTool(tool, lacks),
    encodeResource: (resource) => encodeResource(resource, lacks),
    encodePrompt: (prompt) => encodePrompt(prompt, lacks),
    encodeInput: (request, unique) => encodeInput(request, lacks, unique),
    encodeAnswer: (method, result) => encodeAnswer(method, result, lacks),
    decode,
    resume() {
      throw new RpcError(METHOD_NOT_FOUND, `${version} has no input rounds`)
    },
    round: () => undefined,
    errorCode: (kind) => (kind === 'resource_not_found' ? RESOURCE_NOT_FOUND : undefined),
    admitsError: ({ code, data }) => code !== URL_ELICITATION_REQUIRED || listsPages(data),
    resultTypes: false,
    http: httpOf(version),
  }
}

/**
 * The revisions that open with `initialize`, newest first.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export const handshakeRevisions: readonly Revision[] = HANDSHAKE_VERSIONS.map(handshakeRevision).reverse()

/** "the error MUST include a list of elicitations", and "Any elicitations returned in the error MUST be URL mode". */
function listsPages(data: unknown): boolean {
  const pages: unknown = isJsonObject(data) ? data.elicitations : undefined
  if (!Array.isArray(pages) || pages.length === 0) return false
  return pages.every(
    (page) =>
      isJsonObject(page) &&
      page.mode === 'url' &&
      [page.url, page.elicitationId, page.message].every((member) => typeof member === 'string'),
  )
}
