/** Tools for tests of anything that speaks over a channel. They need no test runner; only a transcript waits in real time. */
export { eras } from './eras.ts'
export { createFakeClock, type FakeClock, settle } from './fake-clock.ts'
export {
  type Fault,
  type FaultPlan,
  type FaultyChannel,
  plannedFaults,
  type SeededFaults,
  seededFaults,
  withFaults,
} from './faults.ts'
export { createManualChannel, type ManualChannel, type ManualChannelOptions } from './manual-channel.ts'
export { type ChannelTap, channelTap, encodeLine, memoryChannelPair, type TappedLine } from './memory.ts'
export {
  DEFAULT_MAX_RECORDING_LENGTH,
  type RecordedChannel,
  type RecordOptions,
  recordChannel,
} from './recording.ts'
export { createRandom, type Random } from './seed.ts'
export { type PlayOptions, playTranscript, TranscriptError } from './transcript.ts'
export type { TestedSide } from './transcript-steps.ts'
