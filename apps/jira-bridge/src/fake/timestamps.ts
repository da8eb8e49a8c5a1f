/** A moment as Jira writes it: `2026-01-31T09:30:00.000+0000`, an offset without a colon.
 *  @param epochMs milliseconds since 1970 */
export function jiraTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000')
}

const UNIT_SECONDS = { w: 5 * 8 * 3600, d: 8 * 3600, h: 3600, m: 60 } as const

/** Seconds of a duration such as `1d 2h 30m` (a day has 8 hours, a week 5 days); undefined when it is none. */
export function durationSeconds(value: string): number | undefined {
  const parts = value.trim().split(/\s+/)
  let seconds = 0
  for (const part of parts) {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)([wdhm])$/.exec(part) ?? []
    if (amount === undefined || !isUnit(unit)) return undefined
    seconds += Number(amount) * UNIT_SECONDS[unit]
  }
  return seconds > 0 ? Math.round(seconds) : undefined
}

/** Seconds as Jira shows a duration: `1d 2h`. */
export function showDuration(seconds: number): string {
  const shown: string[] = []
  let rest = seconds
  for (const [unit, size] of Object.entries(UNIT_SECONDS)) {
    const amount = Math.floor(rest / size)
    if (amount > 0) shown.push(`${amount}${unit}`)
    rest -= amount * size
  }
  return shown.join(' ') || '0m'
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_SECONDS {
  return unit !== undefined && unit in UNIT_SECONDS
}
