import { METHOD_NOT_FOUND, RpcError } from '@bao-mcp/protocol/engine'
import { type Changes, createWish, type Wish } from './changes.ts'
import type { Wanted } from './wanted.ts'

/** Changes that are being told. Disposing ends it, and resolves when the server was told. */
export interface Subscription extends AsyncDisposable {
  /** The part of what was wanted that the server tells of. */
  readonly honoured: Wanted
  /** The same as disposing. */
  stop(): Promise<void>
}

/** How a subscription is opened. */
export interface SubscribeOptions {
  /** Gives it up while the server has not answered. */
  signal?: AbortSignal | undefined
}

/** Opens a subscription. @throws what the server answered, or the signal's reason */
export async function openSubscription(
  changes: Changes,
  wish: Wish,
  { signal }: SubscribeOptions = {},
): Promise<Subscription> {
  signal?.throwIfAborted()
  const stop = (): Promise<void> => changes.remove(wish)
  const honoured = await givenUp(changes.add(wish), signal, stop)
  return { honoured, stop, [Symbol.asyncDispose]: stop }
}

/** A resource that is told of, or will be. */
export interface Subscribed {
  readonly wish: Wish
  /** Settles as the first who asked for it is told. */
  readonly opened: Promise<void>
  /** Of the first who asked for it. */
  readonly signal: AbortSignal | undefined
}

/** Has a resource told of, once however often that is asked. @throws {RpcError} -32601 when the server does not do it */
export async function subscribeTo(
  uri: string,
  to: { changes: Changes; subscribed: Map<string, Subscribed>; onResourceUpdated: ((uri: string) => void) | undefined },
  options: SubscribeOptions | undefined,
): Promise<void> {
  const { changes, subscribed, onResourceUpdated } = to
  const known = subscribed.get(uri)
  if (known !== undefined) {
    options?.signal?.throwIfAborted()
    try {
      return await givenUp(known.opened, options?.signal, ignore)
    } catch (error) {
      // that the first gave it up is no reason for the second
      if (options?.signal?.aborted === true || known.signal?.aborted !== true) throw error
      return subscribeTo(uri, to, options)
    }
  }
  const wish = createWish({ uris: [uri] }, (change) => {
    if (change.kind === 'resource') onResourceUpdated?.(change.uri)
  })
  const opened = openFor(uri, wish, changes, options)
  const mine: Subscribed = { wish, opened, signal: options?.signal }
  subscribed.set(uri, mine)
  try {
    await opened
  } catch (error) {
    if (subscribed.get(uri) === mine) subscribed.delete(uri)
    throw error
  }
}

async function openFor(
  uri: string,
  wish: Wish,
  changes: Changes,
  options: SubscribeOptions | undefined,
): Promise<void> {
  const { honoured } = await openSubscription(changes, wish, options)
  if (honoured.uris.length > 0) return
  await changes.remove(wish)
  throw new RpcError(METHOD_NOT_FOUND, `the server does not tell of updates of ${uri}`)
}

async function ignore(): Promise<void> {
  // what another one asked for goes on
}

async function givenUp<T>(answer: Promise<T>, signal: AbortSignal | undefined, undo: () => Promise<void>): Promise<T> {
  if (signal === undefined) return answer
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([answer, aborted.promise])
  } catch (error) {
    // the failure itself is what is told
    if (signal.aborted) undo().catch(() => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
