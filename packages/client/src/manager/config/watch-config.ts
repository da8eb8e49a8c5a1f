import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { readText, watchFile } from '#runtime/config-files'
import type { SessionManager } from '../manager.ts'
import { applyConfig, type Plan } from './apply-config.ts'
import { ConfigError } from './config-error.ts'
import { mergeConfigs, type ParsedConfig, parseConfig } from './parse-config.ts'
import type { ResolveContext } from './resolve-context.ts'

/** Milliseconds without a change after which a file is read. */
export const DEFAULT_CONFIG_DEBOUNCE_MS = 100

/** What an entry means here, who hears of changes and mistakes, and how long writing may take. */
export interface WatchConfigOptions {
  readonly context?: ResolveContext | undefined
  /** Told of every plan that was carried out, the first one included. */
  readonly onPlan?: ((plan: Plan, config: ParsedConfig) => void) | undefined
  /** Told of a file that cannot be used; what ran before goes on. */
  readonly onError: (error: Error) => void
  readonly clock?: Clock | undefined
  /** Milliseconds without a change after which a file is read. Default 100. */
  readonly debounceMs?: number | undefined
}

/** Disposing it ends the watching; servers stay. */
export interface ConfigWatcher extends AsyncDisposable {
  /** What runs now; undefined while no file could be used. */
  readonly config: ParsedConfig | undefined
  /** Reads and applies everything anew, for instance because a file is trusted now. Never rejects. */
  refresh(): Promise<void>
}

/**
 * Applies one file or several, those that count more first, and again whenever one of them changes. A file that cannot be
 * used, or is missing, is told to `onError` and counts as it was when it last could. Resolves when that is done for the
 * first time; does not keep the process alive.
 * @throws {TypeError} in a runtime without files
 * @throws {ConfigError} `unreadable` for a folder that cannot be watched
 */
export async function watchConfig(
  manager: SessionManager,
  files: string | readonly string[],
  { context, onPlan, onError, clock = systemClock, debounceMs = DEFAULT_CONFIG_DEBOUNCE_MS }: WatchConfigOptions,
): Promise<ConfigWatcher> {
  const paths = typeof files === 'string' ? [files] : files
  const good = new Map<string, ParsedConfig>()
  const texts = new Map<string, string>()
  const stops: (() => void)[] = []
  let config: ParsedConfig | undefined
  let cancel: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()
  let isOver = false

  /** Reads a file; true when it can be used and says something else than before. */
  async function read(path: string): Promise<boolean> {
    try {
      const text = await readText(path).catch((cause: unknown) => {
        throw new ConfigError('unreadable', 'it cannot be read', { place: { path }, cause })
      })
      if (texts.get(path) === text) return false
      texts.set(path, text)
      good.set(path, parseConfig(text, { path }))
      return true
    } catch (error) {
      if (!isOver) onError(asError(error))
      return false
    }
  }

  async function load(isForced: boolean): Promise<void> {
    if (isOver) return
    const changes = await Promise.all(paths.map(read))
    if (isOver || good.size === 0 || !(isForced || changes.includes(true))) return
    const next = mergeConfigs(paths.flatMap((path) => good.get(path) ?? []))
    try {
      const plan = await applyConfig(manager, next, context)
      config = next
      onPlan?.(plan, next)
    } catch (error) {
      onError(asError(error))
    }
  }

  function queue(isForced: boolean): Promise<void> {
    running = running.then(() => load(isForced))
    return running
  }

  function changed(): void {
    if (isOver) return
    cancel?.()
    cancel = clock.after(debounceMs, () => {
      cancel = undefined
      // it tells of its failures by onError
      void queue(false)
    })
  }

  function stop(): void {
    isOver = true
    cancel?.()
    for (const end of stops) end()
  }

  try {
    for (const path of paths) stops.push(startWatching(path, changed, onError))
  } catch (error) {
    stop()
    throw error
  }
  await queue(true)
  return {
    get config() {
      return config
    },
    refresh: () => queue(true),
    async [Symbol.asyncDispose]() {
      stop()
      await running
    },
  }
}

function startWatching(path: string, changed: () => void, onError: (error: Error) => void): () => void {
  const broken = (cause: unknown): ConfigError =>
    new ConfigError('unreadable', 'its folder cannot be watched', { place: { path }, cause })
  try {
    return watchFile(path, changed, (error) => onError(broken(error)))
  } catch (error) {
    // a runtime without files has said so itself
    throw error instanceof TypeError ? error : broken(error)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
