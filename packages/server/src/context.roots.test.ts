import { expect, test } from 'bun:test'
import { type Run, serverWith } from '../test/ask-kit.ts'
import { eachEra, textOf } from '../test/kit.ts'

eachEra((era, open) => {
  test('roots are asked for where they are declared, and nowhere else [MCP-232]', async () => {
    const run: Run = async (_args, { ask }) => {
      const { roots } = await ask('where', { method: 'roots/list' })
      return roots.map(({ uri }) => uri).join()
    }
    const answer = () => ({ roots: [{ uri: 'file:///a' }] })
    await using able = await open(serverWith(run), { answer, capabilities: { roots: {} } })
    expect(textOf(await able.call('it'))).toBe('file:///a')
    await using other = await open(serverWith(run), { answer, capabilities: {} })
    const refused = await other.call('it').catch((error: unknown) => error)
    if (era === 'modern')
      expect(refused).toMatchObject({ code: -32_021, data: { requiredCapabilities: { roots: {} } } })
    else expect(refused).toMatchObject({ isError: true })
    expect(other.questions).toEqual([])
  })
})
