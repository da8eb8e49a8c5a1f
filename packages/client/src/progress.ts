import { type CallOptions, type Notice, PROGRESS } from '@bao-mcp/protocol/engine'

/** How far a call has come, in units of the server's choice. */
export interface Progress {
  progress: number
  /** What `progress` is out of, where that is known. */
  total?: number
  message?: string
}

/** Options every request takes. */
export interface RequestOptions extends Pick<CallOptions, 'signal' | 'timeoutMs' | 'maxTotalTimeoutMs'> {
  /** Told in order, and before the answer. When it throws the call is given up and rejects with what was thrown. */
  onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * The options as a caller takes them: as they are, unless somebody wants to know of progress.
 * @param hear takes the call's other notices
 */
export function callOptions(
  options: RequestOptions | undefined,
  hear: (notice: Notice) => void,
): CallOptions | undefined {
  const onProgress = options?.onProgress
  if (onProgress === undefined) return options
  const failed = new AbortController()
  return {
    ...options,
    signal: options?.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]),
    onNotice(notice) {
      if (notice.method !== PROGRESS) return hear(notice)
      const progress = readProgress(notice)
      if (progress === undefined) return
      try {
        onProgress(progress)
      } catch (error) {
        failed.abort(error)
      }
    },
  }
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
