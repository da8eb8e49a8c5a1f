import { closeSync } from 'node:fs'

const STDOUT = 1
const STDERR = 2
/** Linux; these calls pass their arguments like any other there, which variadic functions do not everywhere. */
const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = 1030
const LOWEST_PRIVATE_FD = 3

const I32 = 'i32'
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'],
  darwin: ['libSystem.B.dylib'],
}

/** Stdout's own descriptor under a number nobody else knows. */
export interface PrivateDescriptor {
  readonly fd: number
  /** Makes the descriptor block again if it did at first: that is shared with every process that holds the same pipe. */
  restoreMode(): void
  /** Makes it stdout again and closes the private number. */
  giveBack(): void
}

/**
 * Moves stdout away: what was descriptor 1 gets a private number, and 1 becomes a second name of stderr.
 * @throws {Error} where the C library cannot be called, or refuses
 */
export function moveStdout(): PrivateDescriptor {
  return process.platform === 'linux' ? moveOnLinux() : moveElsewhere()
}

function moveOnLinux(): PrivateDescriptor {
  const { fcntl, dup2 } = openLibrary({
    fcntl: { args: [I32, I32, I32], returns: I32 },
    dup2: { args: [I32, I32], returns: I32 },
  })
  const flags = fcntl(STDOUT, F_GETFL, 0)
  // a child must not inherit the private number: it would keep the client's pipe open
  const fd = checked('fcntl', fcntl(STDOUT, F_DUPFD_CLOEXEC, LOWEST_PRIVATE_FD))
  return privately(fd, dup2, () => void fcntl(fd, F_SETFL, flags))
}

/** Elsewhere Bun starts children with the standard descriptors alone, so a plain copy is not inherited. */
function moveElsewhere(): PrivateDescriptor {
  const { dup, dup2 } = openLibrary({
    dup: { args: [I32], returns: I32 },
    dup2: { args: [I32, I32], returns: I32 },
  })
  return privately(checked('dup', dup(STDOUT)), dup2, () => undefined)
}

type Call = (...args: number[]) => number

/** Covers stdout with stderr, now that `fd` is its other name. */
function privately(fd: number, dup2: Call, restoreMode: () => void): PrivateDescriptor {
  if (dup2(STDERR, STDOUT) < 0) {
    closeSync(fd)
    throw new Error('dup2 refused: stderr is closed')
  }
  return {
    fd,
    restoreMode,
    giveBack() {
      dup2(fd, STDOUT)
      closeSync(fd)
    },
  }
}

function checked(name: string, result: number): number {
  if (result < 0) throw new Error(`${name} refused: stdout is closed`)
  return result
}

type Signatures<Name extends string> = Record<Name, { args: ['i32', ...'i32'[]]; returns: 'i32' }>

function openLibrary<Name extends string>(signatures: Signatures<Name>): Record<Name, Call> {
  // loaded here because a server that is not served over stdio has no use for it
  const { dlopen }: typeof import('bun:ffi') = require('bun:ffi')
  let failure: unknown
  for (const name of LIBRARIES[process.platform] ?? []) {
    try {
      // proof: every signature takes and returns 32-bit integers and nothing else
      return dlopen(name, signatures).symbols as unknown as Record<Name, Call>
    } catch (error) {
      failure = error
    }
  }
  throw new Error(`no C library can be called on ${process.platform}`, { cause: failure })
}
