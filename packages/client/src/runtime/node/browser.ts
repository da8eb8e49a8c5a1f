import { spawn } from 'node:child_process'

/** How long an opener has to fail; one that still runs by then is showing the page. */
const OPENER_MS = 3000

export function openInBrowser(url: URL): Promise<boolean> {
  const opener = openerFor(process.platform, process.env)
  if (opener === undefined || !/^https?:$/.test(url.protocol)) return Promise.resolve(false)
  const [command, ...args] = opener
  return new Promise((resolve) => {
    // no shell: the URL is one argument, whatever characters it holds
    const child = spawn(command, [...args, url.href], { stdio: 'ignore', detached: true, shell: false })
    const timer = setTimeout(() => resolve(true), OPENER_MS)
    const settle = (opened: boolean): void => {
      clearTimeout(timer)
      resolve(opened)
    }
    child.once('error', () => settle(false))
    child.once('exit', (code) => settle(code === 0))
    child.unref()
  })
}

export function printForPerson(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** The program that opens a URL, without the URL; undefined where nobody would see it. */
export function openerFor(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly [command: string, ...args: string[]] | undefined {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  const seen = [env.DISPLAY, env.WAYLAND_DISPLAY, env.WSL_DISTRO_NAME].some((name) => name !== undefined && name !== '')
  return seen ? ['xdg-open'] : undefined
}
