/**
 * SHA-256 of an ASCII text, as 16 UTF-16 units. The platform's own digest answers through a thread and a promise, which
 * costs more than the computation, and every request with a token pays for it.
 * @see https://csrc.nist.gov/pubs/fips/180-4/upd1/final
 */
export function sha256OfAscii(text: string): string {
  const length = text.length
  const total = Math.ceil((length + 9) / BLOCK) * BLOCK
  if (buffer.length < total) {
    buffer = new Uint8Array(total)
    view = new DataView(buffer.buffer)
  }
  for (let index = 0; index < length; index++) buffer[index] = text.charCodeAt(index)
  buffer.fill(0, length, total)
  buffer[length] = 0x80
  view.setUint32(total - 4, length * 8)
  state.set(initial)
  for (let offset = 0; offset < total; offset += BLOCK) absorb(offset)
  // the next text must not find this one here
  buffer.fill(0, 0, total)
  schedule.fill(0)
  let digest = ''
  for (const word of state) digest += String.fromCharCode((word >>> 16) & 0xffff, word & 0xffff)
  return digest
}

const BLOCK = 64
const roots = firstPrimes(64)
const initial = Int32Array.from(roots.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))
const constants = Int32Array.from(roots, (prime) => fraction(Math.cbrt(prime)))
const state = new Int32Array(8)
const schedule = new Int32Array(64)
let buffer = new Uint8Array(32 * BLOCK)
let view = new DataView(buffer.buffer)

function absorb(offset: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(offset + i * 4)
  for (let i = 16; i < 64; i++) {
    const x = at(schedule, i - 15)
    const y = at(schedule, i - 2)
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    schedule[i] = at(schedule, i - 16) + at(schedule, i - 7) + low + high
  }
  let a = at(state, 0)
  let b = at(state, 1)
  let c = at(state, 2)
  let d = at(state, 3)
  let e = at(state, 4)
  let f = at(state, 5)
  let g = at(state, 6)
  let h = at(state, 7)
  for (let i = 0; i < 64; i++) {
    const mixed = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const first = (h + mixed + ((e & f) ^ (~e & g)) + at(constants, i) + at(schedule, i)) | 0
    const turned = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const second = (turned + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0] = at(state, 0) + a
  state[1] = at(state, 1) + b
  state[2] = at(state, 2) + c
  state[3] = at(state, 3) + d
  state[4] = at(state, 4) + e
  state[5] = at(state, 5) + f
  state[6] = at(state, 6) + g
  state[7] = at(state, 7) + h
}

/** Every index above lies inside its array; the zero is for the compiler. */
function at(words: Int32Array, index: number): number {
  return words[index] ?? 0
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}

/** First 32 bits behind the point. */
function fraction(value: number): number {
  return ((value - Math.floor(value)) * 2 ** 32) | 0
}
