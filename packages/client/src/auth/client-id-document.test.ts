import { expect, test } from 'bun:test'
import { clientIdDocument } from './client-id-document.ts'

const clientId = 'https://app.example.com/client.json'
const redirectUris = ['http://127.0.0.1/callback']

test('a client id document names itself, the client and where it comes back to [MCP-274]', () => {
  const metadata = { client_uri: 'https://app.example.com', client_id: 'https://evil.example/x' }
  expect(clientIdDocument({ clientId, name: 'Notes', redirectUris, metadata })).toEqual({
    client_id: clientId,
    client_name: 'Notes',
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    client_uri: 'https://app.example.com',
  })
})

test.each([
  'http://app.example.com/client.json',
  'https://app.example.com',
  'https://app.example.com/',
  'https://app.example.com/a/../client.json',
  'https://APP.example.com/client.json',
  'https://user@app.example.com/client.json',
  'https://app.example.com/client.json#a',
  'client.json',
])('%s is no client id URL [MCP-274]', (wrong) => {
  expect(() => clientIdDocument({ clientId: wrong, name: 'Notes', redirectUris })).toThrow(
    'client id URL must be https',
  )
})

test('a client id document without a name or a safe way back is refused [MCP-274]', () => {
  expect(() => clientIdDocument({ clientId, name: '', redirectUris })).toThrow('needs a name')
  expect(() => clientIdDocument({ clientId, name: 'Notes', redirectUris: [] })).toThrow('at least one redirect URI')
  const wrong = ['http://app.example.com/cb']
  expect(() => clientIdDocument({ clientId, name: 'Notes', redirectUris: wrong })).toThrow('https, or http on loopback')
})
