/**
 * A failure a tool wants its caller to read: the message goes to the model as an `isError` result.
 * Any other throwable is told the caller only as an internal failure, with the whole of it in the server's log.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError'
}
