import { clientMutations } from './client.ts'
import type { Mutation } from './mutation.ts'
import { protocolMutations } from './protocol.ts'
import { serverMutations } from './server.ts'

/** Every rule that is broken on purpose, in the order in which it is. */
export const mutations: readonly Mutation[] = [...protocolMutations, ...serverMutations, ...clientMutations]
