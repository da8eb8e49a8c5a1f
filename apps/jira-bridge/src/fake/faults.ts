import { JiraFailure } from './failure.ts'

/** Something that goes wrong with the next matching requests instead of what they ask for. */
export interface Fault extends RequestMatch {
  status: number
  /** Seconds (or an HTTP date) of the header `Retry-After`. */
  retryAfter?: number | string
  /** How often; 1 by default. */
  times?: number
  errorMessages?: readonly string[]
  /** Whether the request takes effect all the same, as when an answer is lost. */
  isAfterEffect?: boolean
}

/** Requests by path, such as `/rest/api/3/issue/DEMO-1`, and method; any method when absent. */
export interface RequestMatch {
  path: string | RegExp
  method?: string
}

/** Keeps the next matching answer back. */
export interface Hold extends RequestMatch {
  until: Promise<unknown>
  /** Whether the request takes effect before it waits; otherwise after. */
  isAfterEffect?: boolean
}

export interface Faults {
  fail(fault: Fault): void
  /** @returns a promise that settles when such a request has come in and waits */
  hold(hold: Hold): Promise<void>
  /** Runs a request's effect, or what was planned to happen to it.
   *  @throws {JiraFailure} the planned one */
  around<Result>(request: { method: string; path: string }, effect: () => Result): Promise<Result>
  clear(): void
}

const MESSAGES: Readonly<Record<number, string>> = {
  409: 'The issue was changed by somebody else while it was edited.',
  413: 'The request is too large.',
  422: 'The request could not be processed.',
  429: 'Rate limit exceeded.',
  500: 'Internal server error',
  503: 'The site is temporarily unavailable.',
}

export function createFaults(planned: readonly Fault[] = []): Faults {
  let faults = planned.map((fault) => ({ fault, left: fault.times ?? 1 }))
  let holds: { hold: Hold; arrived: () => void }[] = []

  function takeFault(request: { method: string; path: string }): Fault | undefined {
    const found = faults.find(({ fault }) => matches(fault, request))
    if (found === undefined) return undefined
    found.left--
    if (found.left <= 0) faults = faults.filter((each) => each !== found)
    return found.fault
  }

  function takeHold(request: { method: string; path: string }) {
    const found = holds.find(({ hold }) => matches(hold, request))
    holds = holds.filter((each) => each !== found)
    return found
  }

  return {
    fail(fault) {
      faults.push({ fault, left: fault.times ?? 1 })
    },
    hold(hold) {
      const { promise, resolve } = Promise.withResolvers<void>()
      holds.push({ hold, arrived: resolve })
      return promise
    },
    async around(request, effect) {
      const held = takeHold(request)
      const fault = takeFault(request)
      const wait = async () => {
        held?.arrived()
        await held?.hold.until
      }
      if (held?.hold.isAfterEffect !== true) await wait()
      if (fault !== undefined && fault.isAfterEffect !== true) throw failureOf(fault)
      const result = effect()
      if (held?.hold.isAfterEffect === true) await wait()
      if (fault !== undefined) throw failureOf(fault)
      return result
    },
    clear() {
      faults = []
      holds = []
    },
  }
}

function matches({ path, method }: RequestMatch, request: { method: string; path: string }): boolean {
  const isPath = typeof path === 'string' ? path === request.path : path.test(request.path)
  return isPath && (method === undefined || method === request.method)
}

function failureOf({ status, retryAfter, errorMessages }: Fault): JiraFailure {
  return new JiraFailure(status, {
    errorMessages: errorMessages ?? [MESSAGES[status] ?? `Injected failure with status ${status}.`],
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  })
}
