/** What the referee tells a client about the scenario it is started for. */
export interface Situation {
  /** As in `auth/basic-cimd`. */
  readonly scenario: string
  /** Where the server is. */
  readonly url: string
  /** The protocol version the server speaks. */
  readonly version: string
  readonly context: Context
}

/** What a scenario hands over besides, such as credentials. */
export interface Context {
  /** @throws {TypeError} naming what is missing or no text */
  text(name: string): string
  /** The same, where a scenario need not have it. */
  optionalText(name: string): string | undefined
  /** @throws {TypeError} naming what is missing or no list of calls */
  calls(name: string): readonly ToolCall[]
}

export interface ToolCall {
  readonly name: string
  readonly arguments: object
}

/** @throws {TypeError} naming the argument or variable that is missing or malformed */
export function readSituation(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Situation {
  const [url = ''] = argv
  if (!URL.canParse(url))
    throw new TypeError(`the first argument must be the URL of a server, got ${JSON.stringify(url)}`)
  const need = (name: string): string => {
    const value = env[name]
    if (value === undefined || value === '') throw new TypeError(`${name} must be set`)
    return value
  }
  return {
    scenario: need('MCP_CONFORMANCE_SCENARIO'),
    url,
    version: need('MCP_CONFORMANCE_PROTOCOL_VERSION'),
    context: readContext(env.MCP_CONFORMANCE_CONTEXT),
  }
}

function readContext(text: string | undefined): Context {
  const values = readValues(text)

  function optionalText(name: string): string | undefined {
    const value = values[name]
    if (value !== undefined && typeof value !== 'string') throw new TypeError(`the context's ${name} must be a text`)
    return value
  }

  return {
    optionalText,
    text(name) {
      const value = optionalText(name)
      if (value === undefined) throw new TypeError(`the context has no ${name}`)
      return value
    },
    calls(name) {
      const value = values[name]
      if (!Array.isArray(value) || !value.every(isCall))
        throw new TypeError(`the context's ${name} must be a list of calls`)
      return value
    },
  }
}

function readValues(text: string | undefined): Record<string, unknown> {
  const values: unknown = text === undefined ? {} : JSON.parse(text)
  if (!isRecord(values)) throw new TypeError('MCP_CONFORMANCE_CONTEXT must be an object')
  return values
}

function isCall(value: unknown): value is ToolCall {
  return isRecord(value) && typeof value.name === 'string' && isRecord(value.arguments)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
