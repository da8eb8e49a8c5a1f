import { z } from 'zod'
import { Meta } from './base.ts'
import { RequestParams } from './meta.ts'
import { Result } from './results.ts'

/** A place the client works in; its uri is a `file://` one. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#root */
export const Root = z.looseObject({ uri: z.string(), name: z.string().optional(), _meta: Meta.optional() })
export interface Root extends z.infer<typeof Root> {}

/** The client's places; they inform and never grant access. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#listrootsresult */
export const ListRootsResult = Result.extend({ roots: z.array(Root) })
export interface ListRootsResult extends z.infer<typeof ListRootsResult> {}

/** The question for the client's places, without an envelope. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#listrootsrequest */
export const ListRootsRequest = z.looseObject({ method: z.literal('roots/list'), params: RequestParams.optional() })
export interface ListRootsRequest extends z.infer<typeof ListRootsRequest> {}
