import { expect, test } from 'vitest'
import { bad, good, paramsOf } from './kitchen.ts'

test('anchors, aliases and merge keys; what is written out wins over what is merged', async () => {
  const pipeline = await good(`
steps:
  a: { node: orchard, params: &p { sort: gala, trees: 5 } }
  b: { node: orchard, params: *p }
  c: { node: orchard, params: { <<: *p, trees: 7 } }
  d: { node: orchard, params: { trees: 8, <<: [{ sort: boskoop, label: x }, *p] } }
`)
  expect(paramsOf(pipeline, 'b')).toEqual({ sort: 'gala', trees: 5, urls: [] })
  expect(paramsOf(pipeline, 'c')).toEqual({ sort: 'gala', trees: 7, urls: [] })
  expect(paramsOf(pipeline, 'd')).toEqual({ sort: 'boskoop', label: 'x', trees: 8, urls: [] })
})

test('a mistake in an aliased value is placed where the value is written', async () => {
  expect(await bad('vars: { n: &n 0 }\nsteps:\n  a: { node: orchard, params: { trees: *n } }')).toMatch(/^p\.yaml:1:15 {2}a\.trees is 0/)
})

test('an alias without an anchor, and one inside its own value', async () => {
  expect(await bad('steps:\n  a: { node: orchard, params: *none }\n  b: &b { node: orchard, params: *b }')).toMatchInlineSnapshot(`
    "p.yaml:2:31  *none names no anchor: &none is not written above it
        2 |   a: { node: orchard, params: *none }
                                          ^^^^^

    p.yaml:3:34  *b stands inside the value that it names
        3 |   b: &b { node: orchard, params: *b }
                                             ^^

    2 mistakes
    "
  `)
})

test('aliases that multiply without end are refused in a moment', async () => {
  const levels = Array.from({ length: 9 }, (_, i) => `  l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
  const text = `vars:\n  l0: &l0 [x]\n${levels.join('\n')}\nsteps: { a: { node: orchard } }`
  const start = Date.now()
  expect(await bad(text)).toContain('the aliases (*name) of this file stand for more than 100000 values')
  expect(Date.now() - start).toBeLessThan(5000)
})

test.each([
  ['a: { b: c', 'a bracket that is not closed'],
  ['steps:\n\ta: 1', 'a tab cannot indent YAML'],
  ['steps: a: b', 'a second "key:" in one line'],
  ['name: "x', 'missing closing "quote'],
  ['name: @x', 'a text cannot start with this character'],
  ['name: !secret x\nsteps: { a: { node: orchard } }', 'YAML tags (!name) mean nothing here'],
  ['name: x\n---\nname: y', 'a second document starts here'],
  ['name\nsteps: 3', 'this line fits neither the one before nor the one after it'],
  ['steps: { a: { node: orchard, params: { sort: ${vars.x} } } }', 'a variable inside { } or [ ] needs quotes'],
  ['? [1]\n: 3', 'a key must be a text'],
  ['<<: 3\nsteps: { a: { node: orchard } }', '"<<" merges mappings'],
])('broken YAML is told in plain words: %j', async (text, words) => {
  expect(await bad(text)).toContain(words)
})

test('above broken YAML other mistakes are told too; nothing is guessed of what it swallowed', async () => {
  expect(await bad('nmae: x\nsteps:\n  a: { node: orchart }\n  b: { node: press, inputs: { fruit: c }\n  c: { node: orchard }\n'))
    .toMatchInlineSnapshot(`
    "p.yaml:1:1  a pipeline has no "nmae"
        1 | nmae: x
            ^^^^
        did you mean "name"?

    p.yaml:3:14  no node is called "orchart"
        3 |   a: { node: orchart }
                         ^^^^^^^
        did you mean "orchard"?

    p.yaml:5:3  wrong indentation, or a bracket that is not closed
        5 |   c: { node: orchard }
              ^

    3 mistakes
    "
  `)
})

test('windows line ends and a byte order mark change nothing', async () => {
  expect(await good('\uFEFFname: x\r\nsteps:\r\n  a: { node: orchard }\r\n')).toMatchObject({ name: 'x' })
  expect(await bad('name: x\r\nsteps:\r\n  a: { nod: orchard }\r\n')).toContain(
    'p.yaml:3:8  step "a" has no "nod"\n    3 |   a: { nod: orchard }\n',
  )
})

test('numbers are what YAML 1.2 says; where text is wanted, the message shows how to get it', async () => {
  expect(await bad('steps: { a: { node: orchard, params: { label: 0123 } } }')).toMatchInlineSnapshot(`
    "p.yaml:1:47  a.label is 123 (written 0123), and wants text
        1 | steps: { a: { node: orchard, params: { label: 0123 } } }
                                                          ^^^^
        for the text itself write quotes: "0123"
    "
  `)
  expect(paramsOf(await good('steps: { a: { node: orchard, params: { label: "0123" } } }'), 'a')).toMatchObject({ label: '0123' })
})

test('a key called __proto__ is a key like another', async () => {
  expect(await bad('steps: { a: { node: orchard, params: { __proto__: { trees: 3 } } } }')).toContain('node "orchard" has no "__proto__"')
  expect(await bad('steps: { a: { node: __proto__ }, b: { node: press, params: { bar: 1 }, inputs: { constructor: a } } }')).toContain(
    'no input "constructor"',
  )
})
