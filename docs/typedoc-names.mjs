import { Converter, ReflectionKind } from 'typedoc'
import { entries } from './entries.mjs'

/** Calls every module what it is imported by, and asks for a sentence about everything that is exported. */
export function load(app) {
  const names = entries()
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of modulesOf(project)) {
      const name = names.get(project.files.getReflectionPath(module))
      if (name !== undefined) module.name = name
    }
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const module of modulesOf(project)) {
      for (const one of module.children ?? []) {
        if (isBare(one)) app.logger.warn(`${module.name} exports ${one.name} without a sentence about it`)
      }
    }
  })
}

function modulesOf(project) {
  return project.getReflectionsByKind(ReflectionKind.Module)
}

function isBare(one) {
  if (one.kind === ReflectionKind.Reference || one.hasComment()) return false
  const signatures = [...(one.signatures ?? []), ...(one.type?.declaration?.signatures ?? [])]
  return !signatures.some((signature) => signature.hasComment())
}
