import { expect, test } from 'bun:test'
import { readAccept } from './accept.ts'

const BOTH = { json: true, events: true }
const JSON_ONLY = { json: true, events: false }
const EVENTS_ONLY = { json: false, events: true }
const NEITHER = { json: false, events: false }

test('everything is taken by whoever does not say', () => {
  expect(readAccept(null)).toEqual(BOTH)
})

test('what is named is taken, in any case and order, with parameters and blanks', () => {
  expect(readAccept('application/json, text/event-stream')).toEqual(BOTH)
  expect(readAccept('TEXT/Event-Stream ;q=0.5,Application/JSON; charset=utf-8')).toEqual(BOTH)
  expect(readAccept('application/json')).toEqual(JSON_ONLY)
  expect(readAccept('text/event-stream;q=0.001')).toEqual(EVENTS_ONLY)
  expect(readAccept('text/html, application/jsonp, text/event-streams')).toEqual(NEITHER)
})

test('a group takes what is in it', () => {
  expect(readAccept('*/*')).toEqual(BOTH)
  expect(readAccept('application/*')).toEqual(JSON_ONLY)
  expect(readAccept('text/*')).toEqual(EVENTS_ONLY)
  expect(readAccept('text/html, */*;q=0.1')).toEqual(BOTH)
})

test('a weight of nothing refuses, and the narrower range decides', () => {
  expect(readAccept('application/json, text/event-stream;q=0')).toEqual(JSON_ONLY)
  expect(readAccept('*/*, application/json;q=0.000')).toEqual(EVENTS_ONLY)
  expect(readAccept('text/*;q=0, */*')).toEqual(JSON_ONLY)
  expect(readAccept('application/json, application/*;q=0, */*;q=0')).toEqual(JSON_ONLY)
  expect(readAccept('*/*;q=0')).toEqual(NEITHER)
  expect(readAccept('application/json;Q=0')).toEqual(NEITHER)
})

test('a header is read once, and many different ones are not kept', () => {
  const first = readAccept('application/json;v=first')
  expect(readAccept('application/json;v=first')).toBe(first)
  for (let i = 0; i < 200; i++) readAccept(`application/json;v=${i}`)
  expect(readAccept('application/json;v=first')).not.toBe(first)
})
