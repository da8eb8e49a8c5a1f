import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of this test alone; gone at the end of its block. */
export interface TestFolder extends Disposable {
  readonly path: string
  /** Writes files, by their paths, with the folders they need. */
  write(files: { readonly [path: string]: string | Uint8Array }): void
  remove(path: string): void
  /** The absolute path of something in it. */
  at(path: string): string
}

export function testFolder(files: { readonly [path: string]: string | Uint8Array } = {}): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'skills-')))
  const folder: TestFolder = {
    path,
    write(more) {
      for (const [name, content] of Object.entries(more)) {
        mkdirSync(dirname(join(path, name)), { recursive: true })
        writeFileSync(join(path, name), content)
      }
    },
    remove: (name) => rmSync(join(path, name), { recursive: true }),
    at: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
  folder.write(files)
  return folder
}

/** A SKILL.md with a body of its own. */
export function skillText(name: string, body = `# ${name}\n`): string {
  return `---\nname: ${name}\ndescription: When ${name} is needed\n---\n${body}`
}
