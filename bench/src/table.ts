/** A Markdown table with padded columns; the first column is left-aligned, the others right-aligned. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = [header, ...rows].map((row) => header.map((_, column) => escapeCell(row[column] ?? '')))
  const widths = header.map((_, column) => Math.max(3, ...clean.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const pad = (row: readonly string[]): string[] =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  const [head = [], ...body] = clean
  return [line(pad(head)), line(rule), ...body.map((row) => line(pad(row)))].join('\n')
}

/** A ratio as people say it: `0.24x`, `3.1x`, `142x`. */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${significant(ratio)}x` : 'n/a'
}

/** Three digits where they matter: 0.123, 1.23, 12.3, 123, 12345. */
export function significant(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  return size >= 1 ? value.toFixed(2) : value.toFixed(3)
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
