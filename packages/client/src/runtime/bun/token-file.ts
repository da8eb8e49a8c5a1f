export { openTokenFile } from '../node/token-file.ts'
