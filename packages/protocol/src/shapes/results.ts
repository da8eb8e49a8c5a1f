import { z } from 'zod'
import { CacheScope, Cursor, Integer, Meta } from './base.ts'
import { RequestParams } from './meta.ts'

/** What every result may carry; an absent `resultType` means `complete`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#result */
export const Result = z.looseObject({ _meta: Meta.optional(), resultType: z.string().optional() })
export type Result = z.infer<typeof Result>

/** A result that says nothing but "done". @see https://modelcontextprotocol.io/specification/2026-07-28/schema#emptyresult */
export const EmptyResult = Result
export type EmptyResult = z.infer<typeof EmptyResult>

/** A result a client may keep for `ttlMs` milliseconds; a negative or absent time counts as 0. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#cacheableresult */
export const CacheableResult = Result.extend({ ttlMs: Integer.optional(), cacheScope: CacheScope.optional() })
export type CacheableResult = z.infer<typeof CacheableResult>

/** Params of a list request: where to go on. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#paginatedrequestparams */
export const PaginatedRequestParams = RequestParams.extend({ cursor: Cursor.optional() })
export type PaginatedRequestParams = z.infer<typeof PaginatedRequestParams>

/** One page of a list; without `nextCursor` it is the last. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#paginatedresult */
export const PaginatedResult = Result.extend({ nextCursor: Cursor.optional() })
export type PaginatedResult = z.infer<typeof PaginatedResult>
