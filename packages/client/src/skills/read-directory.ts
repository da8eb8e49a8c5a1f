import type { Resource } from '@bao-mcp/protocol'
import { isJsonObject } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { collectPages, isNamed } from '../pages.ts'
import { type ListSkillsOptions, skillSettings } from './list-skills.ts'
import { SkillError } from './skill-error.ts'

/** The type of a folder among files. */
export const FOLDER_TYPE = 'inode/directory'

/**
 * What lies directly in a folder, folders included ({@link FOLDER_TYPE}). No file is read, and a name here does not make a
 * file part of a skill: its entry does.
 * @param uri of the folder, without a slash at its end
 * @throws {SkillError} `unsupported` when the server does not declare `directoryRead`
 * @throws {RpcError} -32602 for what is no folder
 * @see https://github.com/modelcontextprotocol/ext-skills
 */
export async function readDirectory(client: Client, uri: string, options: ListSkillsOptions = {}): Promise<Resource[]> {
  if (skillSettings(client).directoryRead !== true) {
    throw new SkillError(
      'unsupported',
      undefined,
      'this server does not declare directoryRead, so folders cannot be read',
    )
  }
  const { maxPages, ...request } = options
  return collectPages({
    method: 'resources/directory/read',
    member: 'resources',
    isItem: isResource,
    fetch: (params) => client.request('resources/directory/read', { ...params, uri }, request),
    maxPages,
  })
}

function isResource(value: unknown): value is Resource {
  return isJsonObject(value) && typeof value.uri === 'string' && isNamed(value)
}
