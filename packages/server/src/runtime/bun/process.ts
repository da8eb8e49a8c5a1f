/** Bun speaks Node's process interface, and at Node's meaning. */
export { environment, isInteractive, isTerminal, processHost } from '../node/process.ts'
