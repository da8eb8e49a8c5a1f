/** What a promise rejects with; a promise that resolves is the failure of the test. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error(`it succeeded with ${JSON.stringify(outcome.value)}`)
}
