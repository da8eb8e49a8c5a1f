export { absolutePath, environment, parseDotenv, readText, watchFile } from '../node/config-files.ts'
