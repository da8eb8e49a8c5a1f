import { digestOf } from './pin-set.ts'
import type { ServerConfig } from './server-config.ts'
import { stableText } from './stable-text.ts'

/**
 * What pins are kept under: the command with its arguments and folder, or the URL, whatever the server is called and
 * whoever logs in. Another command or URL is another server. One that is given as a transport is known by its names.
 * A digest, as arguments may hold secrets.
 */
export function pinKey(name: string, config: ServerConfig): Promise<string> {
  return digestOf(stableText(identityOf(name, config)))
}

function identityOf(name: string, config: ServerConfig): readonly unknown[] {
  if ('open' in config) return ['transport', name, config.name]
  if ('url' in config && config.url !== undefined) return ['url', new URL(config.url).href]
  if (!('command' in config)) return ['name', name]
  const { command, args = [], cwd } = config
  return ['command', command, [...args], cwd ?? '']
}
