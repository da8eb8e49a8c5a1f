import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { Converter, ReflectionKind } from 'typedoc'

/** Calls every module what a user imports: the name of its package and entry, read from the packages' `exports`. */
export function load(app) {
  const names = new Map()
  for (const folder of ['protocol', 'client', 'server']) {
    const root = resolve(import.meta.dirname, '../packages', folder)
    const { name, exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'))
    for (const [entry, { source }] of Object.entries(exports)) {
      if (source !== undefined) names.set(resolve(root, source), name + entry.slice(1))
    }
  }
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const file = project.files.getReflectionPath(module) ?? module.sources?.[0]?.fullFileName
      const name = file && names.get(file)
      if (name === undefined) throw new Error(`${relative('.', file ?? module.name)} is no entry of a package`)
      module.name = name
    }
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      for (const one of module.children ?? []) {
        if (one.kind === ReflectionKind.Reference || one.hasComment()) continue
        const signatures = [...(one.signatures ?? []), ...(one.type?.declaration?.signatures ?? [])]
        if (signatures.some((signature) => signature.hasComment())) continue
        app.logger.warn(`${module.name} exports ${one.name} without a sentence about it`)
      }
    }
  })
}
