import type { SendRequest } from '../fetch-types.ts'

export const sendRequest: SendRequest = (url, init) => fetch(url, init)
