import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { readText, watchFile } from '#runtime/config-files'
import type { SessionManager } from '../manager.ts'
import { applyConfig } from './apply-config.ts'
import { ConfigError } from './config-error.ts'
import { mergeConfigs, type ParsedConfig, parseConfig } from './parse-config.ts'
import type { Plan } from './plan.ts'
import type { ResolveContext } from './resolve-context.ts'

/** Milliseconds without a change after which a file is read. */
export const DEFAULT_CONFIG_DEBOUNCE_MS = 100

/** What an entry means here, who hears of changes and mistakes, and how long writing may take. */
export interface WatchConfigOptions {
  readonly context?: ResolveContext | undefined
  /** Told of every plan that was carried out, the first one included. */
  readonly onPlan?: ((plan: Plan, config: ParsedConfig) => void) | undefined
  /** Told of a file that cannot be used; what ran before goes on. What it throws is passed over. */
  readonly onError: (error: Error) => void
  readonly clock?: Clock | undefined
  /** Milliseconds without a change after which a file is read. Default 100. */
  readonly debounceMs?: number | undefined
  /** Ends the watching, as disposing does; the one way while the first answers are waited for. */
  readonly signal?: AbortSignal | undefined
}

/** Disposing it ends the watching, and the waiting for answers; servers stay. */
export interface ConfigWatcher extends AsyncDisposable {
  /** What runs now; undefined while no file could be used. */
  readonly config: ParsedConfig | undefined
  /** Reads and applies everything anew, for instance because a file is trusted now. Never rejects. */
  refresh(): Promise<void>
}

/**
 * Applies one file or several, those that count more first, and again whenever one of them changes. A file that cannot be
 * used, or is missing, is told to `onError` and counts as it was when it last could. A change gives up what waits for an
 * answer, and asks anew. Resolves when that is done for the first time; does not keep the process alive.
 * @throws the signal's reason when it aborts before that
 * @throws {TypeError} in a runtime without files
 * @throws {ConfigError} `unreadable` for a folder that cannot be watched
 */
export async function watchConfig(
  manager: SessionManager,
  files: string | readonly string[],
  {
    context,
    onPlan,
    onError,
    clock = systemClock,
    debounceMs = DEFAULT_CONFIG_DEBOUNCE_MS,
    signal,
  }: WatchConfigOptions,
): Promise<ConfigWatcher> {
  signal?.throwIfAborted()
  const paths = typeof files === 'string' ? [files] : files
  const good = new Map<string, ParsedConfig>()
  const texts = new Map<string, string>()
  const stops: (() => void)[] = []
  let config: ParsedConfig | undefined
  let cancel: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()
  let applying: Promise<void> = Promise.resolve()
  const over = new AbortController()

  function tell(act: () => void): void {
    if (over.signal.aborted) return
    try {
      act()
    } catch {
      // whoever is told of mistakes made one, and nobody is left to be told of it
    }
  }

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
      tell(() => onError(asError(error)))
      return false
    }
  }

  async function load(isForced: boolean): Promise<void> {
    if (over.signal.aborted) return
    const changes = await Promise.all(paths.map(read))
    if (over.signal.aborted || good.size === 0 || !(isForced || changes.includes(true))) return
    const next = mergeConfigs(paths.flatMap((path) => good.get(path) ?? []))
    // not waited for here: a change that comes while somebody is asked has to be read
    applying = Promise.all([applying, carryOut(next)]).then(ignore)
  }

  async function carryOut(next: ParsedConfig): Promise<void> {
    try {
      const plan = await applyConfig(manager, next, context, { signal: over.signal })
      config = next
      tell(() => onPlan?.(plan, next))
    } catch (error) {
      tell(() => onError(asError(error)))
    }
  }

  async function queue(isForced: boolean): Promise<void> {
    running = running.then(() => load(isForced))
    await running
    await applying
  }

  function changed(): void {
    if (over.signal.aborted) return
    cancel?.()
    cancel = clock.after(debounceMs, () => {
      cancel = undefined
      // it tells of its failures by onError
      void queue(false)
    })
  }

  function stop(): void {
    over.abort()
    signal?.removeEventListener('abort', stop)
    cancel?.()
    for (const end of stops) end()
  }

  try {
    for (const path of paths) stops.push(startWatching(path, changed, (error) => tell(() => onError(error))))
  } catch (error) {
    stop()
    throw error
  }
  signal?.addEventListener('abort', stop, { once: true })
  await queue(true)
  signal?.throwIfAborted()
  return {
    get config() {
      return config
    },
    refresh: () => queue(true),
    async [Symbol.asyncDispose]() {
      stop()
      await running
      await applying
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

function ignore(): void {}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
