/**
 * When a request may leave: at once where there is nothing to wait for.
 * @param isAlone whether no other request of this library is open
 */
export type Departure = (isAlone: boolean) => Promise<void> | undefined
