export { listenOnLoopback } from '../node/loopback.ts'
