/** What came of a TOML text. Lines and columns count from 1. */
export type ReadToml =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'fault'
      readonly message: string
      readonly line?: number | undefined
      readonly column?: number | undefined
    }
  | { readonly kind: 'missing'; readonly packageName: string }
