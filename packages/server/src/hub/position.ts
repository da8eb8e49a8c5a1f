import { INVALID_PARAMS, RpcError, shown } from '@bao-mcp/protocol/engine'

/** Digits of base 36: enough for milliseconds until the year 5188, and for two billion entries within one of them. */
const TIME_DIGITS = 9
const COUNT_DIGITS = 6
const SHAPE = new RegExp(`^[0-9a-z]{${TIME_DIGITS}}-[0-9a-z]{${COUNT_DIGITS}}$`)

/** When an entry was appended, and how many were in that millisecond before it. */
export interface Moment {
  ms: number
  count: number
}

/** Of equal length always, so that strings compare as the moments do. */
export function positionOf({ ms, count }: Moment): string {
  return `${ms.toString(36).padStart(TIME_DIGITS, '0')}-${count.toString(36).padStart(COUNT_DIGITS, '0')}`
}

/** Undefined for whatever is no position: it may come from a client. */
export function momentOf(position: string): Moment | undefined {
  if (!SHAPE.test(position)) return undefined
  const [ms = '', count = ''] = position.split('-')
  return { ms: Number.parseInt(ms, 36), count: Number.parseInt(count, 36) }
}

/** @throws {RpcError} -32602 when it is neither a position nor empty */
export function mustBePosition(position: string): void {
  if (position === '' || SHAPE.test(position)) return
  throw new RpcError(INVALID_PARAMS, `${shown(position)} is no position of a log`)
}
