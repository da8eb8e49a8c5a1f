import {
  type Notice,
  PROMPTS_CHANGED,
  RESOURCE_UPDATED,
  RESOURCES_CHANGED,
  TOOLS_CHANGED,
} from '@bao-mcp/protocol/engine'
import type { Cache } from './cache.ts'
import { guarded } from './listeners.ts'
import { commonWanted, type Honoured, mergeWanted, NOTHING, type Wanted, wantsNothing } from './wanted.ts'

/** Something of a server is another now, or may be: where notices may have been missed, all that was wanted is told. */
export type Change =
  | { readonly kind: 'tools' | 'prompts' | 'resources'; readonly missed: boolean }
  | { readonly kind: 'resource'; readonly uri: string; readonly missed: boolean }

/** Somebody who wants to be told. */
export interface Wish {
  readonly wanted: Wanted
  tell(change: Change): void
}

/** All who want to be told of changes, in front of one conversation. */
export interface Changes {
  /** Takes every notice: forgets what it makes stale, then tells who wants to know. */
  hear(notice: Notice): void
  /** Notices may not have come. */
  missed(): void
  /** The conversation is open; wishes from before are passed on. */
  open(listen: (wanted: Wanted) => Promise<Honoured>): void
  /** Notes a wish; resolves with the part of it that is honoured. A wish that fails is forgotten. */
  add(wish: Wish): Promise<Wanted>
  /** Notes a wish for as long as the conversation lasts. That it fails is reported. */
  keep(wish: Wish): void
  /** Forgets a wish, and has the server told. */
  remove(wish: Wish): Promise<void>
}

export function createChanges(cache: Pick<Cache, 'drop' | 'clear'>, report: (message: string) => void): Changes {
  const wishes = new Set<Wish>()
  let listen: ((wanted: Wanted) => Promise<Honoured>) | undefined
  let next: Promise<Honoured> | undefined

  /** Wishes of one moment become one question. */
  function pass(): Promise<Honoured> {
    if (listen === undefined) return Promise.resolve(NOTHING)
    const ask = listen
    next ??= Promise.resolve().then(() => {
      next = undefined
      return ask(mergeWanted(wanted()))
    })
    return next
  }

  function* wanted(): Iterable<Wanted> {
    for (const wish of wishes) yield wish.wanted
  }

  async function add(wish: Wish): Promise<Wanted> {
    wishes.add(wish)
    try {
      const honoured = await pass()
      for (const uri of wish.wanted.uris) {
        const error = honoured.refused?.get(uri)
        if (error !== undefined) throw error
      }
      return commonWanted(wish.wanted, honoured)
    } catch (error) {
      // what is left of the wishes is asked for without keeping this one waiting; it never rejects
      void remove(wish)
      throw error
    }
  }

  async function remove(wish: Wish): Promise<void> {
    // what goes wrong with the others is reported by the conversation
    if (wishes.delete(wish)) await pass().catch(() => undefined)
  }

  function keep(wish: Wish): void {
    wishes.add(wish)
    if (listen !== undefined) passOn()
  }

  function passOn(): void {
    // the conversation reports why a subscription failed
    pass().catch(() => undefined)
  }

  function tell(change: Change): void {
    for (const wish of wishes) if (isWanted(change, wish.wanted)) wish.tell(change)
  }

  function updated(uri: string): void {
    const covering = [...new Set(mergeWanted(wanted()).uris)].filter((wished) => covers(wished, uri))
    for (const stale of new Set([uri, ...covering])) cache.drop('resources/read', stale)
    const change: Change = { kind: 'resource', uri, missed: false }
    if (covering.length > 0) return tell(change)
    // a server may name the part that changed in a way of its own
    for (const wish of wishes) if (wish.wanted.uris.length > 0) wish.tell(change)
  }

  return {
    hear({ method, params }) {
      switch (method) {
        case TOOLS_CHANGED:
          cache.drop('tools/list')
          return tell({ kind: 'tools', missed: false })
        case PROMPTS_CHANGED:
          cache.drop('prompts/list')
          return tell({ kind: 'prompts', missed: false })
        case RESOURCES_CHANGED:
          cache.drop('resources/list')
          cache.drop('resources/templates/list')
          return tell({ kind: 'resources', missed: false })
        case RESOURCE_UPDATED:
          if (typeof params?.uri === 'string') return updated(params.uri)
          return report('a resource was updated, but the notice does not say which: its uri must be a string')
      }
    },
    missed() {
      cache.clear()
      for (const kind of ['tools', 'prompts', 'resources'] as const) tell({ kind, missed: true })
      for (const wish of wishes) {
        for (const uri of wish.wanted.uris) wish.tell({ kind: 'resource', uri, missed: true })
      }
    },
    open(ask) {
      listen = ask
      if (!wantsNothing(mergeWanted(wanted()))) passOn()
    },
    add,
    keep,
    remove,
  }
}

/** A wish whose listener may throw without harm to the others. */
export function createWish(wanted: Partial<Wanted>, listener: ((change: Change) => void) | undefined): Wish {
  return { wanted: { ...NOTHING, ...wanted }, tell: guarded(listener) }
}

function isWanted(change: Change, { tools, prompts, resources, uris }: Wanted): boolean {
  switch (change.kind) {
    case 'tools':
      return tools
    case 'prompts':
      return prompts
    case 'resources':
      return resources
    case 'resource':
      return uris.some((wished) => covers(wished, change.uri))
    default:
      return change satisfies never
  }
}

/** "The uri may be a sub-resource of the one that was subscribed to." */
function covers(wished: string, uri: string): boolean {
  if (!uri.startsWith(wished)) return false
  return uri.length === wished.length || wished.endsWith('/') || '/?#'.includes(uri.charAt(wished.length))
}
