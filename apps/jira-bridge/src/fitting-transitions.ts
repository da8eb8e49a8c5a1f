import type { Transition } from './shapes.ts'

/** The transitions somebody may mean: by id, else by name, else by the status they lead to. */
export function fittingTransitions(transitions: readonly Transition[], wanted: string): Transition[] {
  const name = wanted.trim().toLowerCase()
  const ways = [
    transitions.filter(({ id }) => id === wanted),
    transitions.filter((one) => one.name.toLowerCase() === name),
    transitions.filter(({ to }) => to.name.toLowerCase() === name),
  ]
  return ways.find(({ length }) => length > 0) ?? []
}
