const PRIME_A = 0x85eb_ca6b
const PRIME_B = 0xc2b2_ae35

/** Eight characters of `[0-9a-v]` that stand for a text: the same on every machine, spread well, no secret. */
export function hash8(text: string): string {
  let a = 0x9e37_79b9
  let b = 0x7f4a_7c15
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    a = Math.imul(a ^ unit, PRIME_A)
    b = Math.imul(b ^ unit, PRIME_B)
    a ^= a >>> 15
    b ^= b >>> 13
  }
  a = Math.imul(a ^ (b >>> 16), PRIME_B)
  b = Math.imul(b ^ (a >>> 13), PRIME_A)
  return twenty(a ^ (a >>> 12)) + twenty(b ^ (b >>> 12))
}

function twenty(bits: number): string {
  return (bits & 0xf_ffff).toString(32).padStart(4, '0')
}
