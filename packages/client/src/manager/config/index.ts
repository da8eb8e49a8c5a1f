export { type ApplyOptions, applyConfig } from './apply-config.ts'
export { ConfigError, type ConfigErrorCode } from './config-error.ts'
export type { Dialect } from './dialects.ts'
export { type ConfigFormat, MAX_CONFIG_LENGTH } from './document.ts'
export { MAX_CONFIG_DEPTH } from './jsonc.ts'
export { type Finding, type FindingCode, lintConfig } from './lint-config.ts'
export {
  type ConfigSource,
  mergeConfigs,
  type ParseConfigOptions,
  type ParsedConfig,
  parseConfig,
} from './parse-config.ts'
export type { Place } from './place.ts'
export type { Plan, Skipped } from './plan.ts'
export { type ConfigPlan, fingerprint, planConfig } from './plan-config.ts'
export type { InputRequest, LoginRequest, ResolveContext } from './resolve-context.ts'
export { type Resolution, type ResolveOptions, resolveServer, type Unresolved } from './resolve-server.ts'
export type {
  ConfigInput,
  ConfigProblem,
  EntryOAuth,
  EntryOrigin,
  HttpEntry,
  InputOption,
  ServerEntry,
  StdioEntry,
} from './server-entry.ts'
export { type ShownEntry, showEntry } from './show-entry.ts'
export { type ConfigWatcher, DEFAULT_CONFIG_DEBOUNCE_MS, type WatchConfigOptions, watchConfig } from './watch-config.ts'
export { removeServer, writeServer } from './write-server.ts'
