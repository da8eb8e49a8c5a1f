import { expect, test } from 'bun:test'
import { openerFor, openInBrowser } from './browser.ts'

test.each<[string, Record<string, string>, readonly string[] | undefined]>([
  ['darwin', {}, ['open']],
  ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', { WSL_DISTRO_NAME: 'Debian' }, ['xdg-open']],
  ['linux', { DISPLAY: '' }, undefined],
  ['linux', {}, undefined],
])('on %s with %p a URL is opened by %p, and never by a shell [MCP-289]', (platform, env, opener) => {
  expect(openerFor(platform, env)).toEqual(opener as never)
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'mailto:a@example.com'])(
  '%s is not opened [MCP-289]',
  async (url) => {
    expect(await openInBrowser(new URL(url))).toBe(false)
  },
)
