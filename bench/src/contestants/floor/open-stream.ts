/** An event stream on which nothing is sent. */

export const EVENTS = 'text/event-stream'

const INIT = { headers: { 'content-type': EVENTS } }
const FIRST_BYTES = new TextEncoder().encode(':\n\n')
const open = new Set<ReadableStreamDefaultController<Uint8Array>>()

/** A response that has begun and stays open until the other side lets go of it. */
export function openStream(): Response {
  let own: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      own = controller
      open.add(controller)
      controller.enqueue(FIRST_BYTES)
    },
    cancel() {
      open.delete(own)
    },
  })
  return new Response(body, INIT)
}
