import type { Child, SpawnRequest } from '../spawn-types.ts'

export const windows: boolean = false

/** @throws {Error} always: there are no processes here */
export async function spawnChild(request: SpawnRequest): Promise<Child> {
  throw new Error(`this runtime cannot start processes, so "${request.command}" must be reached over HTTP`)
}

export function parentEnvironment(): Readonly<Record<string, string | undefined>> {
  return {}
}

export function writeStderr(_bytes: Uint8Array): void {
  // nothing runs here that could have written it
}
