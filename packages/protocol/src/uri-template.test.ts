import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { MAX_TEMPLATE_URI_LENGTH, parseUriTemplate } from './uri-template.ts'
import type { UriText } from './uri-template-match.ts'

const VALUES = {
  var: 'value',
  hello: 'Hello World!',
  path: '/foo/bar',
  empty: '',
  x: '1024',
  y: '768',
  half: '50%',
  who: 'fred',
}

// from the examples of RFC 6570, levels 1 to 3
const EXPANSIONS: readonly (readonly [template: string, uri: string])[] = [
  ['{var}', 'value'],
  ['{hello}', 'Hello%20World%21'],
  ['{half}', '50%25'],
  ['O{empty}X', 'OX'],
  ['O{undef}X', 'OX'],
  ['{x,y}', '1024,768'],
  ['{x,hello,y}', '1024,Hello%20World%21,768'],
  ['{x,undef}', '1024'],
  ['{+var}', 'value'],
  ['{+hello}', 'Hello%20World!'],
  ['{+half}', '50%25'],
  ['{+path}/here', '/foo/bar/here'],
  ['here?ref={+path}', 'here?ref=/foo/bar'],
  ['up{+path}{var}/here', 'up/foo/barvalue/here'],
  ['{+x,hello,y}', '1024,Hello%20World!,768'],
  ['{#var}', '#value'],
  ['X{#hello}', 'X#Hello%20World!'],
  ['{#path,x}/here', '#/foo/bar,1024/here'],
  ['X{.x,y}', 'X.1024.768'],
  ['{/var,x}/here', '/value/1024/here'],
  ['{;x,y,empty}', ';x=1024;y=768;empty'],
  ['{?x,y,empty}', '?x=1024&y=768&empty='],
  ['{?x,undef}', '?x=1024'],
  ['?fixed=yes{&x,y}', '?fixed=yes&x=1024&y=768'],
  ['caf\u00e9/{who}', 'caf%C3%A9/fred'],
]

describe('expansion', () => {
  for (const [template, uri] of EXPANSIONS) {
    test(`${template} becomes ${uri}`, () => expect(parseUriTemplate(template).expand(VALUES)).toBe(uri))
  }

  test('takes no value from the prototype, and survives half a surrogate pair', () => {
    expect(parseUriTemplate('x:{constructor}').expand({})).toBe('x:')
    expect(parseUriTemplate('x:{a}').expand({ a: '\ud800' })).toBe('x:%EF%BF%BD')
  })
})

const MATCHES: readonly (readonly [template: string, uri: string, values: Record<string, string> | undefined])[] = [
  ['notes://{id}', 'notes://7', { id: '7' }],
  ['notes://{id}', 'notes://', undefined],
  ['notes://{id}', 'notes://a/b', undefined],
  ['notes://{id}', 'notes://a%2Fb', { id: 'a/b' }],
  ['notes://{id}', 'notes://%C3%A9', { id: '\u00e9' }],
  ['notes://{id}', 'notes://%zz', undefined],
  ['notes://{id}', 'notes://%FF', undefined],
  ['notes://{id}', 'NOTES://7', undefined],
  ['notes://{__proto__}', 'notes://7', undefined],
  ['file:///{+path}', 'file:///a/b/c.txt', { path: 'a/b/c.txt' }],
  ['file:///{+path}/{name}', 'file:///a/b/c', { path: 'a/b', name: 'c' }],
  ['x:{name}.{ext}', 'x:a.tar.gz', { name: 'a.tar', ext: 'gz' }],
  ['x:{name}.txt', 'x:a.txt.txt', { name: 'a.txt' }],
  ['x:{a}{b}', 'x:%C3%A9%C3%A9', { a: '\u00e9', b: '\u00e9' }],
  ['x:{a,b}', 'x:1,2', { a: '1', b: '2' }],
  ['x:{a,b}', 'x:1', undefined],
  ['x{/a,b}', 'x/1/2', { a: '1', b: '2' }],
  ['x{.a,b}', 'x.1.2', { a: '1', b: '2' }],
  ['x:y{#part}', 'x:y#a/b', { part: 'a/b' }],
  ['x:y{?a,b}', 'x:y?b=2&a=1', { a: '1', b: '2' }],
  ['x:y{?a,b}', 'x:y?b=', { b: '' }],
  ['x:y{?a,b}', 'x:y', {}],
  ['x:y{?a,b}', 'x:y?c=1', undefined],
  ['x:y{?a,b}', 'x:y?a=1&a=2', undefined],
  ['x:y{?a}{&b}', 'x:y?a=1&b=2', { a: '1', b: '2' }],
  ['x:y{?a,ab}{#h}', 'x:y?ab=1%26&a=2#h', { ab: '1&', a: '2', h: 'h' }],
  ['x:y{;a,b}/z', 'x:y;b;a=1/z', { a: '1', b: '' }],
  ['plain:text', 'plain:text', {}],
  ['plain:text', 'plain:tex', undefined],
]

describe('matching', () => {
  for (const [template, uri, values] of MATCHES) {
    test(`${template} against ${uri} gives ${JSON.stringify(values)}`, () => {
      if (template.includes('__proto__')) {
        expect(Object.entries(parseUriTemplate(template).match(uri) ?? {})).toEqual([['__proto__', '7']])
      } else {
        expect(parseUriTemplate(template).match(uri)).toEqual(values)
      }
    })
  }

  test('gives back what was filled in, where values are kept apart', () => {
    const operators = fc.constantFrom('', '/', ';', '?', '&')
    const value = fc.string({ minLength: 1, unit: 'grapheme' }).map((text) => text.toWellFormed())
    fc.assert(
      fc.property(
        operators,
        fc.array(value, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (operator, texts, slash) => {
          const names = texts.map((_, i) => `v${i}`)
          const template = parseUriTemplate(`x:y${slash ? '/' : ''}{${operator}${names.join(',')}}`)
          const values = Object.fromEntries(texts.map((text, i) => [`v${i}`, text]))
          expect(template.match(template.expand(values))).toEqual(values)
        },
      ),
    )
  })

  test('gives back percent signs that encode no text', () => {
    const template = parseUriTemplate('x:{+v}')
    expect(template.expand({ v: '%aa/%C3%A9' })).toBe('x:%25aa/%C3%A9')
    expect(template.match('x:%25aa/%C3%A9')).toEqual({ v: '%aa/é' })
  })

  test('finds values for whatever was expanded', () => {
    const part = fc.oneof(fc.constantFrom('a', '/', '.', ',', '-', '?', '%41'), fc.constantFrom('', '+', '/', '.'))
    const value = fc.string({
      minLength: 1,
      unit: fc.constantFrom('a', '/', '.', ',', '-', '\u00e9', '%', '?', '=', '&'),
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(part, fc.boolean(), value), { maxLength: 6 }), (parts) => {
        const source = parts.map(([text, isName], i) =>
          isName || text === '' ? `{${'+/.'.includes(text) ? text : ''}v${i}}` : text,
        )
        const template = parseUriTemplate(`x:${source.join('')}`)
        const uri = template.expand(Object.fromEntries(parts.map(([, , text], i) => [`v${i}`, text])))
        expect(template.match(uri)).toBeDefined()
      }),
    )
  })
})

/** Counts how often a character of it is looked at. */
function counted(text: string): UriText & { reads: number } {
  return {
    reads: 0,
    length: text.length,
    charCodeAt(at) {
      this.reads++
      return text.charCodeAt(at)
    },
    slice: (from, to) => text.slice(from, to),
  }
}

describe('the work of matching', () => {
  // enough room for literals and names that nearly fit everywhere
  const READS_PER_CHARACTER_AND_TEMPLATE_CHARACTER = 4

  test('grows linearly, whatever the URI and the template', () => {
    const template = fc
      .array(fc.constantFrom('{A}', '{+B}', 'aa', 'a', '/', '{?a,aa}', '{&b,bb}', '{;c,a}', '{.D}', '{/E}'), {
        maxLength: 8,
      })
      .map((parts) => parts.map((part, i) => part.replace(/[a-zA-Z]+(?=[,}])/g, (name) => `${name}${i}`)).join(''))
    const unit = fc.constantFrom('a', 'aa', '/', '&a0=', '&a1=1', '?', ';c2', '%C3%A9', '.', '&')
    fc.assert(
      fc.property(
        template,
        fc.array(unit, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        (source, units, times) => {
          const uri = counted(units.join('').repeat(times))
          parseUriTemplate(source).match(uri)
          expect(uri.reads).toBeLessThanOrEqual(
            READS_PER_CHARACTER_AND_TEMPLATE_CHARACTER * (uri.length + 1) * (source.length + 1),
          )
        },
      ),
    )
  })

  test('is none for a URI past the limit', () => {
    const uri = counted('a'.repeat(MAX_TEMPLATE_URI_LENGTH + 1))
    expect(parseUriTemplate('{+a}').match(uri)).toBeUndefined()
    expect(uri.reads).toBe(0)
    expect(parseUriTemplate('{+a}').match('a'.repeat(MAX_TEMPLATE_URI_LENGTH))).toBeDefined()
  })
})

describe('what is no template', () => {
  const broken: readonly (readonly [string, string])[] = [
    ['x:{a', 'a "{" is not closed'],
    ['x:a}', 'a "}" closes nothing'],
    ['x:{a{b}}', 'is no name of a variable'],
    ['x:{}', 'is no name of a variable'],
    ['x:{a b}', 'is no name of a variable'],
    ['x:{|a}', 'is no name of a variable'],
    ['x:{a*}', 'has a modifier of level 4'],
    ['x:{a:3}', 'has a modifier of level 4'],
    ['x:{a}/{a}', 'the variable "a" comes twice'],
  ]
  for (const [source, why] of broken) {
    test(`${source} is refused: ${why}`, () => expect(() => parseUriTemplate(source)).toThrow(why))
  }
})
