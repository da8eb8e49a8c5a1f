/** Requests this runtime sends at once in the whole process; the next one would wait for another to end. */
export const maxOpenRequests: number = Number.POSITIVE_INFINITY

/** What lifts the limit. */
export const liftedBy = ''
