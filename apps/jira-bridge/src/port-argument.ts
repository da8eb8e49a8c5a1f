const HIGHEST_PORT = 65_535
/** What a port has to be, for an error. */
export const PORT_EXPECTED: string = `--port must be a whole number from 0 to ${HIGHEST_PORT}`

/** The port of a command line; undefined for what is none. */
export function readPort(given: string): number | undefined {
  return /^\d{1,5}$/.test(given) && Number(given) <= HIGHEST_PORT ? Number(given) : undefined
}
