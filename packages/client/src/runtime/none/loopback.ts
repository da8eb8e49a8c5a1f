import type { Loopback, LoopbackOptions } from '../auth-types.ts'

/** @throws {Error} always: nothing can listen here */
export async function listenOnLoopback({ hostname }: LoopbackOptions): Promise<Loopback> {
  throw new Error(`this runtime cannot listen on ${hostname}; hand in a redirect of your own`)
}
