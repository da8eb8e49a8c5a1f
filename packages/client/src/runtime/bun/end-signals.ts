export { onEndSignals } from '../node/end-signals.ts'
