import { writeFileSync } from 'node:fs'
import type { Place } from './place.ts'

const index = JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).pathname)
const start = `import { appendFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { artifact, defineEachNode, defineNode, maybe, z } from ${index}
const any = artifact('any', z.unknown())
`
const whole = `${start}export default defineNode({
  summary: 'one file', version: 1, output: any, inputs: { from: maybe(any) },
  params: z.object({ word: z.string(), sleep: z.number().default(0), log: z.string().optional() }),
  async run({ params, dir }) {
    if (params.log) appendFileSync(params.log, params.word + '\\n')
    await sleep(params.sleep)
    writeFileSync(dir + '/' + params.word + '.txt', params.word.repeat(1000))
    return { word: params.word }
  },
})`
const parts = `${start}export default defineEachNode({
  summary: 'six files', version: 1, output: any, inputs: { from: maybe(any) },
  params: z.object({ sleep: z.number().default(0), log: z.string().optional() }),
  each: {
    shared: [], parallel: true,
    elements: ({ params }) => ['a', 'b', 'c', 'd', 'e', 'f'].map(id => ({ id, value: params, files: {} })),
    async run({ id, value, dir }) {
      if (value.log) appendFileSync(value.log, id + '\\n')
      await sleep(value.sleep)
      writeFileSync(dir + '/' + id + '.txt', id.repeat(1000))
      return id
    },
    collect: ({ results }) => Object.fromEntries(results),
  },
})`

/** Three steps of nodes of the user's own, which take no time: a file, six elements with a file each, a file. */
export function tinyNodes(place: Place, params = ''): void {
  writeFileSync(place.at('whole.mjs'), whole)
  writeFileSync(place.at('parts.mjs'), parts)
  place.pipeline(
    () => `name: small
steps:
  first: { node: ./whole.mjs, params: { word: first${params} } }
  parts: { node: ./parts.mjs, params: { ${params.replace(/^, /, '')} }, inputs: { from: first } }
  last: { node: ./whole.mjs, params: { word: last${params} }, inputs: { from: parts } }
`,
  )
}
