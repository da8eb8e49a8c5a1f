import { describePlace, type Place } from './place.ts'

/**
 * Why a configuration cannot be used.
 * - `syntax`: it is no JSON or no TOML
 * - `shape`: it holds no servers where they are expected
 * - `too_large`: it is longer or deeper than is read
 * - `package_missing`: reading it needs a package that is not installed
 * - `unsupported`: this cannot be done with its format
 * - `unknown_server`: there is none of the name
 * - `unreadable`: there is no such file, or it cannot be read
 */
export type ConfigErrorCode =
  | 'syntax'
  | 'shape'
  | 'too_large'
  | 'package_missing'
  | 'unsupported'
  | 'unknown_server'
  | 'unreadable'

/** A configuration that cannot be used; its message begins with the place and holds no value of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorCode
  readonly place: Place
  /** What should have stood there. */
  readonly expected: string | undefined

  constructor(
    code: ConfigErrorCode,
    message: string,
    { place, expected, cause }: { place: Place; expected?: string | undefined; cause?: unknown },
  ) {
    const words = expected === undefined ? message : `${message}; expected ${expected}`
    super(`${describePlace(place)}: ${words}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.place = place
    this.expected = expected
  }
}
