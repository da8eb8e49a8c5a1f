import { type CacheHint, complete, INVALID_PARAMS, RpcError } from '@bao-mcp/protocol/engine'
import { atLeast } from '../at-least.ts'
import type { Extension, ExtensionMethod } from '../extension.ts'
import { checkedHint } from '../registry/cache-hint.ts'
import type { FolderLimits } from '../runtime/skill-folder.ts'
import { chain } from '../then.ts'
import { createAttached } from './attached.ts'
import { type SkillDefinition, skillOf } from './definition.ts'
import { limitsOf, type SkillFolder, skillsIn } from './folders.ts'
import { createSkillList } from './list.ts'
import { type Namespace, namespaceOf } from './namespace.ts'
import { readDirectory } from './read-directory.ts'

/** The skills that are served, how they are listed, and how much of them is read. */
export interface SkillsOptions {
  /** Each a skill, when SKILL.md lies in it, or else a folder under which skills lie. Read at once, and by `reload()`. */
  folders?: readonly (string | SkillFolder)[]
  /** Skills that lie in no folder. */
  skills?: readonly SkillDefinition[]
  /** How long entries and files may be kept, and by whom. Default: not at all. */
  cache?: CacheHint
  /** Entries on one page of the list of skills, and of a directory. Default 100. */
  pageSize?: number
  limits?: FolderLimits
}

/** The extension, for `createServer`; any number of servers can share it. */
export interface SkillsExtension extends Extension {
  /**
   * Reads the folders again and serves what is there now, before it returns; clients hear of resources that changed. When
   * it throws, nothing changes.
   * @throws {TypeError} naming the file and the rule it breaks
   */
  reload(): void
}

/** Entries are big, because each lists all its files. */
const DEFAULT_SKILL_PAGE_SIZE = 100
const NO_CACHE: CacheHint = { ttlMs: 0, cacheScope: 'private' }

/**
 * Serves Agent Skills: their entries, their files as resources, and their directories. All content is held in memory as it
 * was read, so what is served is what its digest says.
 * @throws {TypeError} naming the skill, its file and the rule it breaks; for a folder without skills; for a malformed option
 * @see https://modelcontextprotocol.io/seps/2640-skills-extension
 */
export function skills(options: SkillsOptions): SkillsExtension {
  const { folders = [], skills: definitions = [], pageSize = DEFAULT_SKILL_PAGE_SIZE } = options
  if (folders.length + definitions.length === 0) throw new TypeError('skills() needs folders or skills')
  atLeast(1, 'pageSize', pageSize)
  const cache = checkedHint(options.cache, 'skills')
  const limits = limitsOf(options.limits ?? {})
  const defined = definitions.map((definition) => skillOf(definition, limits))
  const attached = createAttached()
  const list = createSkillList({ pageSize, cache: cache ?? NO_CACHE })
  let now = look(true)
  const current = (): Namespace => now

  function look(isFirst: boolean): Namespace {
    const found = folders.flatMap((folder) => {
      const some = skillsIn(folder, limits)
      // an empty folder is a mistake at start; later it is where the last skill was
      if (some.length > 0 || !isFirst) return some
      throw new TypeError(`skill folder ${JSON.stringify(folder)}: no SKILL.md lies in it or under it`)
    })
    return namespaceOf([...found, ...defined], cache)
  }

  const methods: [string, ExtensionMethod][] = [
    [
      'skills/list',
      {
        answer: ({ facts, params }) =>
          chain(list.of(current), (skillList) => skillList.list(facts.revision, params?.cursor)),
      },
    ],
    [
      'skills/get',
      {
        answer({ params }) {
          const uri = params?.uri
          if (typeof uri !== 'string') throw new RpcError(INVALID_PARAMS, 'params.uri must be the URI of a SKILL.md')
          return chain(list.of(current), (skillList) => {
            const skill = skillList.get(uri)
            if (skill === undefined) {
              throw new RpcError(INVALID_PARAMS, `no skill is served at ${JSON.stringify(uri)}`, { uri })
            }
            return { ...complete({ skill: skill.listed }), cache: cache ?? NO_CACHE }
          })
        },
      },
    ],
    [
      'resources/directory/read',
      {
        answer: ({ facts: { revision }, params }) =>
          readDirectory(now, { uri: params?.uri, cursor: params?.cursor, revision, pageSize }),
      },
    ],
  ]

  return {
    id: 'io.modelcontextprotocol/skills',
    settings: { directoryRead: true },
    methods: new Map(methods),
    attach: (server) => attached.add(server, now.files),
    reload() {
      const next = look(false)
      attached.change(now.files, next.files)
      now = next
    },
  }
}
