/** Requests this runtime sends at once in the whole process; the next one would wait for another to end. */
export const maxOpenRequests: number = Number(process.env.BUN_CONFIG_MAX_HTTP_REQUESTS ?? 256) || 256

/** What lifts the limit. */
export const liftedBy = 'the environment variable BUN_CONFIG_MAX_HTTP_REQUESTS'
