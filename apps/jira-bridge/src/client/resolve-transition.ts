import { fittingTransitions } from '../fitting-transitions.ts'
import type { Transition } from '../shapes.ts'
import { JiraError } from './jira-error.ts'

/**
 * The one transition that is meant by its id, its name, or the name of the status it leads to, in this order.
 * @throws {JiraError} `invalid`, with those there are
 */
export function resolveTransition(key: string, transitions: readonly Transition[], wanted: string): Transition {
  const [first, second] = fittingTransitions(transitions, wanted)
  if (second !== undefined) throw invalid(key, transitions, `several transitions are called "${wanted}": give an id`)
  if (first !== undefined) return first
  throw invalid(key, transitions, `there is no transition "${wanted}"`)
}

function invalid(key: string, transitions: readonly Transition[], what: string): JiraError {
  const names = transitions.map(({ id, name, to }) => `"${name}" (id ${id}, to ${to.name})`)
  return new JiraError('invalid', `${key}: ${what}; it allows ${names.length === 0 ? 'none' : names.join(', ')}`)
}
