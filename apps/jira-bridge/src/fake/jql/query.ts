/** A query as a tree. */
export interface Query {
  /** Absent when there is no restriction at all. */
  where?: Clause
  orderBy: readonly { field: string; isDescending: boolean }[]
}

export type Clause =
  | { kind: 'and' | 'or'; clauses: readonly Clause[] }
  | { kind: 'not'; clause: Clause }
  | { kind: 'compare'; field: string; operator: Operator; values: readonly Value[] }

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~' | 'in' | 'not in' | 'is' | 'is not'

export type Value = { kind: 'text'; text: string } | { kind: 'empty' } | { kind: 'call'; name: string; args: string[] }
