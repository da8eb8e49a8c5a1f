/** The id of the tasks extension. */
export const TASKS = 'io.modelcontextprotocol/tasks'

/** "Ids must be unguessable": 192 random bits. */
export const ID_BYTES = 24
/** Characters of a task id: base64url takes four for three bytes. */
export const ID_LENGTH: number = (ID_BYTES / 3) * 4
