import { type CallOptions, type JsonObject, type Notice, PROGRESS } from '@bao-mcp/protocol/engine'
import { follow } from './follow.ts'
import type { SessionCallOptions } from './session.ts'

/** How far a call has come, in units of the server's choice. */
export interface Progress {
  progress: number
  /** What `progress` is out of, where that is known. */
  total?: number
  message?: string
}

/** Options every request takes. */
export interface RequestOptions extends Pick<CallOptions, 'signal' | 'timeoutMs' | 'maxTotalTimeoutMs' | 'headers'> {
  /** Told in order, and before the answer. When it throws the call is given up and rejects with what was thrown. */
  onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * Sends a request with the options as a caller takes them: as they are, unless somebody wants to know of progress.
 * @param hear takes the call's other notices
 */
export function sendReporting(
  options: (RequestOptions & SessionCallOptions) | undefined,
  hear: (notice: Notice) => void,
  send: (options: SessionCallOptions | undefined) => Promise<JsonObject>,
): Promise<JsonObject> {
  const onProgress = options?.onProgress
  if (onProgress === undefined) return send(options)
  const call = follow(options?.signal)
  const answer = send({
    ...options,
    signal: call.signal,
    onNotice(notice) {
      if (notice.method !== PROGRESS) return hear(notice)
      const progress = readProgress(notice)
      if (progress === undefined) return
      try {
        onProgress(progress)
      } catch (error) {
        call.controller.abort(error)
      }
    },
  })
  return answer.finally(() => call[Symbol.dispose]())
}

/** Undefined for a notice without a number: it still restarted the timeout, and there is nothing to show. */
function readProgress({ params }: Notice): Progress | undefined {
  const { progress, total, message } = params ?? {}
  if (typeof progress !== 'number') return undefined
  return {
    progress,
    ...(typeof total === 'number' && { total }),
    ...(typeof message === 'string' && { message }),
  }
}
