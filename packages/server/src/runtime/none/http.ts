import type { AnswerRequest, HttpListener, HttpListenOptions } from '../port.ts'

/** @throws {TypeError} always: no port can be listened on here */
export function listenHttp(_options: HttpListenOptions): Promise<HttpListener> {
  throw new TypeError('this runtime listens on no port: hand httpHandler(server) to whatever calls fetch handlers here')
}

/** @throws {TypeError} always: there is no node:http here */
export function nodeHandler(_answer: AnswerRequest): never {
  throw new TypeError('nodeHandler needs node:http: hand httpHandler(server) to whatever calls fetch handlers here')
}
