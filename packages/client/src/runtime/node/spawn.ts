import { spawn } from 'node:child_process'
export const x: typeof spawn = spawn
