/** 1 January 1980, the first day that a zip archive can name, at midnight: two bytes of time, two of date. */
const FIRST_DAY = 0x00210000
const END = 0x06054b50
const ENTRY = 0x02014b50
/** Bytes of the record at the end of an archive that has no comment. */
const END_BYTES = 22

/**
 * The same zip archive without the times of its files, so that the same files make the same archive.
 *
 * @throws {Error} when it is no archive as the packer makes it: plain, in one piece and without a comment
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function withoutTimes(archive: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(archive)
  const view = new DataView(bytes.buffer)
  const end = bytes.length - END_BYTES
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error('a zip archive was expected, without a comment')
  let at = view.getUint32(end + 16, true)
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== ENTRY) throw new Error(`a file of the zip archive was expected at byte ${at}`)
    view.setUint32(at + 12, FIRST_DAY, true)
    view.setUint32(view.getUint32(at + 42, true) + 10, FIRST_DAY, true)
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return bytes
}
