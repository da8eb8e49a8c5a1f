import { describe, expect, test } from 'bun:test'
import { samplingFault } from './sampling-turns.ts'

const text = { type: 'text', text: 'hi' }
const use = (id: string): object => ({ type: 'tool_use', id, name: 'weather', input: {} })
const result = (toolUseId: string): object => ({ type: 'tool_result', toolUseId, content: [] })
const user = (...content: object[]): object => ({ role: 'user', content })
const assistant = (...content: object[]): object => ({ role: 'assistant', content })

describe('messages to continue', () => {
  test.each([
    [[]],
    [[user(text), assistant(text)]],
    [[{ role: 'user', content: text }]],
    [[assistant(text, use('a'), use('b')), user(result('b'), result('a'))]],
    [[assistant(use('a')), { role: 'user', content: result('a') }, assistant(use('b')), user(result('b')), user(text)]],
    [[null, 'nothing', { role: 'user' }]],
  ])('are in order (%#)', (messages) => {
    expect(samplingFault(messages)).toBeUndefined()
  })

  test.each<[string, object[], string]>([
    [
      'hold text beside the result of a tool [MCP-235]',
      [assistant(use('a')), user(result('a'), text)],
      'messages[1] has other content beside tool results',
    ],
    [
      'say something before a tool use is answered [MCP-236]',
      [assistant(use('a')), user(text), user(result('a'))],
      'messages[1] does not answer the tool use "a"',
    ],
    [
      'answer one tool use of two [MCP-236]',
      [assistant(use('a'), use('b')), user(result('a'))],
      'messages[1] does not answer the tool use "b"',
    ],
    [
      'answer another tool use [MCP-236]',
      [assistant(use('a')), user(result('a'), result('z'))],
      'messages[1] answers "z", which is no tool use before it',
    ],
    ['end with an open tool use [MCP-236]', [assistant(use('a'))], 'the tool use "a" is not answered'],
    [
      'answer under no id [MCP-236]',
      [user({ type: 'tool_result', content: [] })],
      'messages[0] answers null, which is no tool use before it',
    ],
  ])('are at fault when they %s', (_, messages, fault) => {
    expect(samplingFault(messages)).toBe(fault)
  })
})
