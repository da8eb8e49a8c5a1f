import { type Complete, complete, INVALID_PARAMS, RpcError } from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { invalidCursor } from '../registry/catalogue.ts'
import type { Namespace } from './namespace.ts'

/** What was asked for, unchecked. */
export interface DirectoryRequest {
  readonly uri: unknown
  readonly cursor: unknown
  readonly revision: Revision
  readonly pageSize: number
}

/**
 * Answers `resources/directory/read`: one page of what lies directly in a folder, sorted by name.
 * @throws {RpcError} -32602 for what is no folder, and for a cursor that no folder gave out
 * @see https://modelcontextprotocol.io/seps/2640-skills-extension#directory-listing
 */
export function readDirectory(
  { folders, files }: Namespace,
  { uri, cursor, revision, pageSize }: DirectoryRequest,
): Complete {
  if (typeof uri !== 'string') throw new RpcError(INVALID_PARAMS, 'params.uri must be the URI of a directory')
  const children = folders.get(uri)
  if (children === undefined) {
    const reason = files.has(uri) ? 'is a file, not a directory' : 'is no directory that is served here'
    throw new RpcError(INVALID_PARAMS, `${JSON.stringify(uri)} ${reason}`, { uri })
  }
  const last = cursor === undefined || cursor === null ? undefined : decodeName(cursor)
  // by name and not by position, so that a walk stays right when other files come and go
  const rest = last === undefined ? children : children.filter(({ name }) => name > last)
  const page = rest.slice(0, pageSize)
  const end = page.at(-1)
  return complete({
    resources: page.map(({ listed }) => revision.encodeResource(listed)),
    ...(rest.length > page.length && end !== undefined && { nextCursor: encodeName(end.name) }),
  })
}

const PREFIX = 'child:'

function encodeName(name: string): string {
  return btoa(PREFIX + encodeURIComponent(name))
}

function decodeName(cursor: unknown): string {
  if (typeof cursor !== 'string') throw invalidCursor()
  try {
    const text = atob(cursor)
    if (text.startsWith(PREFIX)) return decodeURIComponent(text.slice(PREFIX.length))
  } catch {
    // not one of ours, as below
  }
  throw invalidCursor()
}
