// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { expect, test } from 'bun:test'
import { parseConfig } from './parse-config.ts'
import { showEntry } from './show-entry.ts'

test('a shown server holds variables as they are written and nothing that may be a secret', () => {
  const shown = parseConfig(
    JSON.stringify({
      mcpServers: {
        local: {
          command: 'x',
          args: ['--token', 'hidden', '--url=${URL:-hidden}'],
          env: { A: '${A}', B: 'hidden', C: '${C:-hidden}', D: null, E: '${E-hidden}', F: '${F:=hidden}' },
        },
        remote: {
          url: 'https://hidden@example.com/mcp?key=hidden',
          headers: { X: 'Bearer hidden', Y: '${env:Y}', Z: 'Bearer ${env:Z}', V: 'hidden ${W}' },
        },
      },
    }),
  ).servers.map(showEntry)
  // first, since the matcher may put itself in the place of what it matched
  expect(JSON.stringify(shown)).not.toContain('hidden')
  expect(shown).toMatchObject([
    {
      target: expect.stringContaining('--token ***'),
      env: { A: '${A}', B: '***', C: '${C:-…}', D: '', E: '${E…}', F: '${F…}' },
      variables: ['${URL:-…}', '${A}', '${C:-…}', '${E…}', '${F…}'],
    },
    { target: 'https://***@example.com/mcp?…', headers: { X: '***', Y: '${env:Y}', Z: 'Bearer ${env:Z}', V: '***' } },
  ])
})
