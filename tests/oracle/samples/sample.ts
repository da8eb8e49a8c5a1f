/** Where a sample stands in a message. */
export type Place = 'params' | 'result' | 'notice' | 'input' | 'answer' | 'client' | 'server' | 'message' | 'definition'

/** One hand-written valid value: the params or the result of a method, a capability object, or a whole message. */
export interface Sample {
  place: Place
  /** The method, or for a capability object, a message and a definition the name of its official definition. */
  name: string
  value: unknown
  /** The official definitions it may match where the method's name does not tell. */
  definitions?: readonly string[]
}

export function params(name: string, value?: unknown): Sample {
  return { place: 'params', name, value }
}

export function result(name: string, value: unknown, definitions?: readonly string[]): Sample {
  return { place: 'result', name, value, ...(definitions && { definitions }) }
}

export function notice(name: string, value?: unknown): Sample {
  return { place: 'notice', name, value }
}

/** A question inside an input_required result. */
export function input(name: string, value?: unknown): Sample {
  return { place: 'input', name, value }
}

/** The answer to such a question. */
export function answer(name: string, value: unknown): Sample {
  return { place: 'answer', name, value }
}

export function message(value: unknown): Sample {
  return { place: 'message', name: 'JSONRPCMessage', value }
}

export function definition(name: string, value: unknown): Sample {
  return { place: 'definition', name, value }
}
