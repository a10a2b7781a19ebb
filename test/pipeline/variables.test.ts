import { expect, test } from 'vitest'
import { bad, good, paramsOf } from './kitchen.ts'

const tree = (params: string, vars = '{}'): string => `vars: ${vars}\nsteps:\n  tree:\n    node: orchard\n    params:\n      ${params}\n`
const label = async (text: string, vars?: string, env = {}): Promise<unknown> =>
  (paramsOf(await good(tree(`label: ${text}`, vars), { env }), 'tree') as { label: unknown }).label

test('a text that is one variable takes the type of the variable', async () => {
  expect(paramsOf(await good(tree('trees: ${vars.n}', '{ n: 7 }')), 'tree')).toMatchObject({ trees: 7 })
  expect(paramsOf(await good(tree('urls: "${vars.list}"', '{ list: [a, b] }')), 'tree')).toMatchObject({ urls: ['a', 'b'] })
})

test('a variable inside a text becomes text', async () => {
  expect(await label('${vars.a}-${vars.n}', '{ a: x, n: 7 }')).toBe('x-7')
  expect(await label('"${vars.deep.er}/y"', '{ deep: { er: 1.5 } }')).toBe('1.5/y')
})

test('variables may use others, in any order', async () => {
  expect(await label('${vars.a}', '{ a: "${vars.b}/a", b: "${env.HOME}/b" }', { HOME: '/h' })).toBe('/h/b/a')
})

test('the environment is text in quotes, and reads as YAML without', async () => {
  expect(paramsOf(await good(tree('trees: ${env.N}'), { env: { N: '12' } }), 'tree')).toMatchObject({ trees: 12 })
  expect(await label('"${env.N}"', undefined, { N: '12' })).toBe('12')
  expect(await label('${env.N}', undefined, { N: 'a: b' })).toBe('a: b')
  expect(await label('${env.N}', undefined, { N: '' })).toBe('')
})

test('$${ is the text ${, also after the resolved text is read again', async () => {
  const pipeline = await good(tree('label: a$${vars.x}'))
  expect(paramsOf(pipeline, 'tree')).toMatchObject({ label: 'a${vars.x}' })
  expect(paramsOf(await good(pipeline.resolved()), 'tree')).toMatchObject({ label: 'a${vars.x}' })
})

test('mistakes in variables are told at their place, and bring no others with them', async () => {
  expect(
    await bad(
      `vars: { pressure: 1, list: [a], one: "\${vars.two}", two: "\${vars.one}" }
steps:
  tree:
    node: orchard
    params:
      trees: \${vars.presure}
      label: a \${vars.list} \${env.HOMES} \${foo} \${vars.pressure
      sort: \${vars.list}
`,
      { env: { HOME: '/h' } },
    ),
  ).toMatchInlineSnapshot(`
    "p.yaml:1:59  these variables wait for each other: vars.one -> vars.two -> vars.one
        1 | vars: { pressure: 1, list: [a], one: "\${vars.two}", two: "\${vars.one}" }
                                                                      ^^^^^^^^^^^

    p.yaml:6:14  no variable is called "vars.presure"
        6 |       trees: \${vars.presure}
                         ^^^^^^^^^^^^^^^
        did you mean "vars.pressure"?

    p.yaml:7:16  \${vars.list} is a list, which cannot be put inside a text
        7 |       label: a \${vars.list} \${env.HOMES} \${foo} \${vars.pressure
                           ^^^^^^^^^^^^
        write it alone, without other characters around it

    p.yaml:7:29  the environment has no variable "HOMES"
        7 |       label: a \${vars.list} \${env.HOMES} \${foo} \${vars.pressure
                                        ^^^^^^^^^^^^
        did you mean "HOME"?

    p.yaml:7:42  \${foo} names no variable
        7 |       label: a \${vars.list} \${env.HOMES} \${foo} \${vars.pressure
                                                     ^^^^^^
        write \${vars.name}, \${env.NAME} or \${secret.NAME}; $\${ gives the two characters \${

    p.yaml:7:49  \${vars.pressure names no variable
        7 |       label: a \${vars.list} \${env.HOMES} \${foo} \${vars.pressure
                                                            ^^^^^^^^^^^^^^^
        write \${vars.name}, \${env.NAME} or \${secret.NAME}; $\${ gives the two characters \${

    p.yaml:8:13  tree.sort is a list of 1, and wants one of boskoop, elstar, gala
        8 |       sort: \${vars.list}
                        ^^^^^^^^^^^^
        Which apple.

    7 mistakes
    "
  `)
})
