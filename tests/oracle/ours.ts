import { z } from 'zod'
import type { RevisionDate } from '../../packages/protocol/src/shapes/index.ts'
import * as shapes from '../../packages/protocol/src/shapes/index.ts'
import type { Sample } from './samples/sample.ts'

const named: Readonly<Record<string, unknown>> = shapes

/** The exported schema of this name, if it is one. */
export function shapeNamed(name: string): z.ZodType | undefined {
  const found = named[name]
  return found instanceof z.ZodType ? found : undefined
}

function need<T>(found: T | undefined, sample: Sample): T {
  if (found === undefined) throw new Error(`no schema of ours for the ${sample.place} of ${sample.name}`)
  return found
}

/** Our schema for a sample in a revision. */
export function ourSchema(revision: RevisionDate, sample: Sample): z.ZodType {
  const catalogue = shapes.catalogues[revision]
  const { place, name } = sample
  switch (place) {
    case 'params':
      return need(catalogue.requests[name], sample).params
    case 'result':
      return need(catalogue.requests[name], sample).result
    case 'notice':
      return need(catalogue.notifications[name], sample).params
    case 'input':
      return need(catalogue.inputs[name], sample).params
    case 'answer':
      return need(catalogue.inputs[name], sample).result
    case 'client':
      return catalogue.clientCapabilities
    case 'server':
      return catalogue.serverCapabilities
    case 'message':
      return revision === '2025-03-26' ? anyMessage : shapes.JsonRpcMessage
    case 'definition':
      return need(shapeNamed(name), sample)
    default:
      return place satisfies never
  }
}

const anyMessage = z.union([shapes.JsonRpcMessage, shapes.JsonRpcBatchRequest, shapes.JsonRpcBatchResponse])
