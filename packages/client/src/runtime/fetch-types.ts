/**
 * Sends a request as the runtime's `fetch` does.
 * @param isAlone whether no other request of this library is open
 */
export type SendRequest = (url: string, init: RequestInit, isAlone: boolean) => Promise<Response>
