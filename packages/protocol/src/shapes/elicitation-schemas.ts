import { z } from 'zod'
import { Integer } from './base.ts'

const described = { title: z.string().optional(), description: z.string().optional() }
const Option = z.looseObject({ const: z.string(), title: z.string() })
const several = {
  type: z.literal('array'),
  ...described,
  minItems: Integer.optional(),
  maxItems: Integer.optional(),
  default: z.array(z.string()).optional(),
}

/** A form field for text. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#stringschema */
export const StringSchema = z.looseObject({
  type: z.literal('string'),
  ...described,
  minLength: Integer.optional(),
  maxLength: Integer.optional(),
  format: z.enum(['email', 'uri', 'date', 'date-time']).optional(),
  default: z.string().optional(),
})
export interface StringSchema extends z.infer<typeof StringSchema> {}

/** A form field for a number. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#numberschema */
export const NumberSchema = z.looseObject({
  type: z.enum(['number', 'integer']),
  ...described,
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.number().optional(),
})
export interface NumberSchema extends z.infer<typeof NumberSchema> {}

/** A form field for yes or no. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#booleanschema */
export const BooleanSchema = z.looseObject({
  type: z.literal('boolean'),
  ...described,
  default: z.boolean().optional(),
})
export interface BooleanSchema extends z.infer<typeof BooleanSchema> {}

/** A choice of one, shown by value. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#untitledsingleselectenumschema */
export const UntitledSingleSelectEnumSchema = z.looseObject({
  type: z.literal('string'),
  ...described,
  enum: z.array(z.string()),
  default: z.string().optional(),
})
export interface UntitledSingleSelectEnumSchema extends z.infer<typeof UntitledSingleSelectEnumSchema> {}

/** A choice of one, shown by title. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#titledsingleselectenumschema */
export const TitledSingleSelectEnumSchema = z.looseObject({
  type: z.literal('string'),
  ...described,
  oneOf: z.array(Option),
  default: z.string().optional(),
})
export interface TitledSingleSelectEnumSchema extends z.infer<typeof TitledSingleSelectEnumSchema> {}

/** A choice of several, shown by value. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#untitledmultiselectenumschema */
export const UntitledMultiSelectEnumSchema = z.looseObject({
  ...several,
  items: z.looseObject({ type: z.literal('string'), enum: z.array(z.string()) }),
})
export interface UntitledMultiSelectEnumSchema extends z.infer<typeof UntitledMultiSelectEnumSchema> {}

/** A choice of several, shown by title. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#titledmultiselectenumschema */
export const TitledMultiSelectEnumSchema = z.looseObject({
  ...several,
  items: z.looseObject({ anyOf: z.array(Option) }),
})
export interface TitledMultiSelectEnumSchema extends z.infer<typeof TitledMultiSelectEnumSchema> {}

/** A choice of one in the form of 2025-06-18, its titles in a second list. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#legacytitledenumschema */
export const LegacyTitledEnumSchema = UntitledSingleSelectEnumSchema.extend({
  enumNames: z.array(z.string()).optional(),
})
export interface LegacyTitledEnumSchema extends z.infer<typeof LegacyTitledEnumSchema> {}

export type SingleSelectEnumSchema = UntitledSingleSelectEnumSchema | TitledSingleSelectEnumSchema
/** Any choice of one. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#singleselectenumschema */
export const SingleSelectEnumSchema: z.ZodType<SingleSelectEnumSchema> = z.union([
  UntitledSingleSelectEnumSchema,
  TitledSingleSelectEnumSchema,
])

export type MultiSelectEnumSchema = UntitledMultiSelectEnumSchema | TitledMultiSelectEnumSchema
/** Any choice of several. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#multiselectenumschema */
export const MultiSelectEnumSchema: z.ZodType<MultiSelectEnumSchema> = z.union([
  UntitledMultiSelectEnumSchema,
  TitledMultiSelectEnumSchema,
])

export type EnumSchema = SingleSelectEnumSchema | MultiSelectEnumSchema | LegacyTitledEnumSchema
/** Any choice. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#enumschema */
export const EnumSchema: z.ZodType<EnumSchema> = z.union([
  SingleSelectEnumSchema,
  MultiSelectEnumSchema,
  LegacyTitledEnumSchema,
])

const primitiveSchemaDefinition = z.union([StringSchema, NumberSchema, BooleanSchema, EnumSchema])
export type PrimitiveSchemaDefinition = StringSchema | NumberSchema | BooleanSchema | EnumSchema
/** Any form field; forms are flat. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#primitiveschemadefinition */
export const PrimitiveSchemaDefinition: z.ZodType<PrimitiveSchemaDefinition> = primitiveSchemaDefinition
