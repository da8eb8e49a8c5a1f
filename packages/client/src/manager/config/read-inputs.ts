import { isJsonObject } from '@bao-mcp/protocol/engine'
import type { ConfigInput, InputOption } from './server-entry.ts'

/** What a file says of its inputs; what is none of them is passed over. */
export function readInputs(inputs: unknown, path: string): ConfigInput[] {
  if (!Array.isArray(inputs)) return []
  return inputs.flatMap((input: unknown): ConfigInput[] => {
    if (!isJsonObject(input) || typeof input.id !== 'string') return []
    const { id, description, password, default: usual } = input
    const options = Array.isArray(input.options) ? input.options.flatMap(optionOf) : undefined
    return [
      {
        path,
        id,
        ...(typeof description === 'string' && { description }),
        password: password === true,
        ...(typeof usual === 'string' && { default: usual }),
        ...(options !== undefined && { options }),
      },
    ]
  })
}

/** A text, or one with what people are shown instead. */
function optionOf(option: unknown): readonly InputOption[] {
  if (typeof option === 'string') return [{ value: option, label: option }]
  if (!isJsonObject(option) || typeof option.value !== 'string') return []
  const { value, label } = option
  return [{ value, label: typeof label === 'string' ? label : value }]
}
