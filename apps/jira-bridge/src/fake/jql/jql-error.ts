/** Where in a query something is wrong; both count from 1. */
export interface Place {
  line: number
  character: number
}

/** A query that cannot be understood, in Jira's words. */
export class JqlError extends Error {
  constructor(message: string, { place }: { place?: Place } = {}) {
    super(
      place === undefined
        ? message
        : `Error in the JQL Query: ${message} (line ${place.line}, character ${place.character})`,
    )
    this.name = 'JqlError'
  }
}
