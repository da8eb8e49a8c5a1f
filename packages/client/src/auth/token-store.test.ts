import { tokenStoreSuite } from '../../test/token-store-suite.ts'
import { memoryTokens } from './token-store.ts'

tokenStoreSuite('memoryTokens', async () => ({
  store: memoryTokens(),
  async [Symbol.asyncDispose]() {
    // nothing is left of it
  },
}))
