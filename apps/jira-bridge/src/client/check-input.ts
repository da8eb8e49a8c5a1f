import type { z } from 'zod'
import { JiraError } from './jira-error.ts'
import { fieldsOf, type JiraMapping, type OperationMapping } from './mapping-rules.ts'
import { type CheckedInput, OPERATIONS, type OperationInput, type OperationName } from './operations.ts'

/** Made once, as a schema is compiled when it is first used. */
const STRICT = new Map(
  Object.entries(OPERATIONS).map(([name, { shape }]): [string, z.ZodType] => [name, shape.input.strict()]),
)

/**
 * Fills defaults in. A field there is none of is refused: a misspelt dry run would be done.
 * @throws {JiraError} `invalid`, with the names of the fields
 */
export function checkInput<Name extends OperationName>(name: Name, input: OperationInput<Name>): CheckedInput<Name> {
  const { data, error } = (STRICT.get(name) ?? OPERATIONS[name].shape.input).safeParse(input)
  if (error !== undefined) throw new JiraError('invalid', `${name}: ${describe(error)}`, { cause: error })
  // proof: the schema is the one this type is inferred from
  return data as CheckedInput<Name>
}

/**
 * What the caller asked for and the tool cannot be told is not left out in silence: least of all a dry run.
 * @throws {JiraError} `unsupported`
 */
export function mustFit<Name extends OperationName>(
  operation: OperationMapping<Name>,
  input: OperationInput<Name>,
  { name: server }: JiraMapping,
): void {
  const places = fieldsOf(operation.arguments)
  const homeless = Object.entries(input)
    .filter(([key, value]) => value !== undefined && value !== false && !places.has(key))
    .map(([key]) => key)
    .filter((key) => !operation.local.includes(key))
  if (homeless.length === 0) return
  const { tool } = operation
  throw new JiraError('unsupported', `${tool} of ${server} cannot be told ${homeless.join(', ')}; nothing was sent`, {
    tool,
  })
}

/** Place and fault of every issue, in one line. */
export function describe(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
}
