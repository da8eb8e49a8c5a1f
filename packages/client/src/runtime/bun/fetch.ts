/** Whether the end of a body is told to `reader.closed` though nobody reads on. */
export const tellsEndUnread = true
