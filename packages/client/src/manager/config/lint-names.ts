import { DEFAULT_MAX_NAME_LENGTH } from '../names/export-names.ts'
import { type Draft, draft, type Rule } from './lint-rule.ts'

/** Characters a tool's name should have left beside its server's. */
const ROOM_FOR_TOOL = 24
/** What the host with the longest prefix puts around a server's name. */
const PREFIX_LENGTH = 'mcp____'.length

const urls: Rule = ({ entry }) => {
  if (entry === undefined || entry.type === 'stdio' || /[${]/.test(entry.url)) return []
  const url = URL.parse(entry.url)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return [draft('url', 'error', ['url'], 'this is no URL of http or https', 'begin with https:// or http://')]
  }
  const { hostname } = url
  const drafts: Draft[] = []
  if (isMisspelledLocalhost(hostname)) {
    drafts.push(draft('host', 'error', ['url'], `"${hostname}" looks like localhost and is not`, 'write "localhost"'))
  }
  if (hostname === '0.0.0.0' || hostname === '[::]') {
    drafts.push(draft('host', 'warning', ['url'], `"${hostname}" is for servers that listen`, 'write "127.0.0.1"'))
  }
  const isLocal = /^(?:localhost|127\.|0\.0\.0\.0|\[::1?\])/.test(hostname)
  if (isLocal && url.protocol === 'https:') {
    drafts.push(
      draft('host', 'info', ['url'], 'servers on this machine seldom have a certificate', 'write "http" unless it has'),
    )
  }
  if (!isLocal && url.protocol === 'http:') {
    drafts.push(
      draft(
        'plain_http',
        'warning',
        ['url'],
        'tokens and data travel readable for everybody on the way',
        'write "https"',
      ),
    )
  }
  if (entry.type === 'http' && /\/sse\/?$/.test(url.pathname)) {
    drafts.push(
      draft(
        'sse_url',
        'info',
        ['url'],
        'the path is the usual one of servers of 2024',
        'write "type": "sse" if it is one',
      ),
    )
  }
  return drafts
}

const names: Rule = ({ name }) => {
  if (name === '') return [draft('name', 'error', [], 'a server has no name', 'give it one')]
  const drafts: Draft[] = []
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    drafts.push(
      draft(
        'name',
        'warning',
        [],
        'models know tools by letters, digits, _ and - alone; everything else is rewritten',
        'rename it',
      ),
    )
  }
  if (name.includes('__')) {
    drafts.push(
      draft(
        'name',
        'warning',
        [],
        'hosts that take names apart at "__" will do so in the middle of it',
        'write one "_"',
      ),
    )
  }
  const room = DEFAULT_MAX_NAME_LENGTH - PREFIX_LENGTH - name.length
  if (room < ROOM_FOR_TOOL) {
    drafts.push(
      draft(
        'long_name',
        'warning',
        [],
        `of ${DEFAULT_MAX_NAME_LENGTH} characters a tool's name may have, this leaves ${Math.max(room, 0)} for the tool`,
        `shorten it to ${DEFAULT_MAX_NAME_LENGTH - PREFIX_LENGTH - ROOM_FOR_TOOL} characters`,
      ),
    )
  }
  return drafts
}

/** What a server is called, and where it is. */
export const nameRules: readonly Rule[] = [urls, names]

/** The letters of localhost in another order, or without one or two of them. */
function isMisspelledLocalhost(hostname: string): boolean {
  const right = 'localhost'
  if (hostname === right) return false
  const sorted = (text: string): string => [...text].sort().join('')
  if (sorted(hostname) === sorted(right)) return true
  let at = 0
  for (const letter of right) if (hostname[at] === letter) at++
  return at === hostname.length && hostname.length >= right.length - 2
}
