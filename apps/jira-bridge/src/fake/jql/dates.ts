import { JqlError } from './jql-error.ts'
import type { Value } from './query.ts'

/** Moments that a date means, both included, in milliseconds since 1970. */
export interface DateRange {
  fromMs: number
  untilMs: number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }
const FORMATS =
  "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'"
const DATE = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?$/

/** Reads a date, a period relative to now, or a function such as `startOfDay(-1d)`; in UTC.
 *  @throws {JqlError} for anything else */
export function readDate(value: Value, field: string, nowMs: number): DateRange {
  if (value.kind === 'call') return point(called(value.name, value.args, field, nowMs))
  const text = value.kind === 'text' ? value.text.trim() : 'EMPTY'
  const offset = period(text)
  if (offset !== undefined) return point(nowMs + offset)
  const date = absolute(text)
  if (date !== undefined) return date
  throw new JqlError(`Date value '${text}' for field '${field}' is invalid. Valid formats include: ${FORMATS}.`)
}

function absolute(text: string): DateRange | undefined {
  const [, year, , month, day, hour, minute] = DATE.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const fromMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0))
  // Date.UTC rolls 31 February over into March
  const isReal = new Date(fromMs).getUTCDate() === Number(day) && Number(month) <= 12 && Number(minute ?? 0) < 60
  if (!isReal) return undefined
  return { fromMs, untilMs: fromMs + (hour === undefined ? DAY_MS : MINUTE_MS) - 1 }
}

function period(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const parts = text.replace(/^[-+]/, '').split(/\s+/)
  let ms = 0
  for (const part of parts) {
    const [, amount, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(part) ?? []
    const unitMs = UNIT_MS[unit]
    if (amount === undefined || unitMs === undefined) return undefined
    ms += Number(amount) * unitMs
  }
  return sign * ms
}

function called(name: string, [argument = '0d']: readonly string[], field: string, nowMs: number): number {
  const offset = period(argument)
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS
  const weekday = new Date(nowMs).getUTCDay()
  const starts: Readonly<Record<string, number>> = {
    now: nowMs,
    startofday: midnight,
    endofday: midnight + DAY_MS - 1,
    startofweek: midnight - weekday * DAY_MS,
    endofweek: midnight + (7 - weekday) * DAY_MS - 1,
  }
  const lower = name.toLowerCase()
  const start = Object.hasOwn(starts, lower) ? starts[lower] : undefined
  if (start === undefined || offset === undefined) {
    throw new JqlError(`Unable to find JQL function '${name}(${argument})' for the '${field}' field.`)
  }
  return start + offset
}

function point(ms: number): DateRange {
  return { fromMs: ms, untilMs: ms }
}
