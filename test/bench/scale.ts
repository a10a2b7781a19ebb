import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Figure } from './figures.ts'
import { measure, median, repeated, type Measured } from './measure.ts'
import { pipeCommand, workFolder } from './pipe.ts'

const place = join(workFolder, 'scale')
const ELEMENTS = 10_000
const FILES = 100_000
const FILE_BYTES = 2000

/** Two steps of made elements, half of them each; the second reads what the first gives. */
const nodes = {
  'parts.mjs': `
    elements: ({ params }) =>
      Array.from({ length: params.count }, (_, i) => ({ id: 'e' + String(i).padStart(5, '0'), value: { i, shape: [1, 2, 3] }, files: {} })),
    run: ({ id, value, dir }) => {
      writeFileSync(join(dir, id + '.txt'), String(value.i))
      return { i: value.i }
    },`,
  'doubled.mjs': `
    elements: ({ inputs: { from } }) =>
      from.files.map(f => ({ id: f.path.slice(0, 6), value: null, files: { text: { path: join(from.dir, f.path), digest: f.digest } } })),
    run: ({ id, files, dir }) => {
      writeFileSync(join(dir, id + '.txt'), String(2 * Number(readFileSync(files.text.path, 'utf8'))))
      return {}
    },`,
} as const

const nodeFile = (inputs: string, each: string): string => `
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifact, defineEachNode, one, z } from 'voxelpipe'
const parts = artifact('parts', z.object({ ids: z.array(z.string()) }))
export default defineEachNode({
  summary: 'made elements', version: 1, params: z.strictObject({ count: z.int().default(0) }), inputs: ${inputs}, output: parts,
  each: { shared: [], parallel: true, collect: ({ results }) => ({ ids: [...results.keys()] }),${each}
  },
})
`

const pipelines = {
  'elements.yaml': `name: elements
steps:
  parts: { node: ./parts.mjs, params: { count: ${ELEMENTS / 2} } }
  doubled: { node: ./doubled.mjs, inputs: { from: parts } }
`,
  'files.yaml': `name: files
steps:
  dataset: { node: folder, params: { path: dataset } }
`,
}

function write(): void {
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'parts.mjs'), nodeFile('{}', nodes['parts.mjs']))
  writeFileSync(join(place, 'doubled.mjs'), nodeFile('{ from: one(parts) }', nodes['doubled.mjs']))
  for (const [name, text] of Object.entries(pipelines)) writeFileSync(join(place, name), text)
  for (let folder = 0; folder < FILES / 100; folder++) {
    const dir = join(place, 'dataset', `sub-${folder}`, 'anat')
    mkdirSync(dir, { recursive: true })
    for (let k = 0; k < 100; k++) writeFileSync(join(dir, `${k}.bin`), Buffer.alloc(FILE_BYTES, folder * 100 + k))
  }
}

const pipe = (...args: readonly string[]): Promise<Measured> => measure(pipeCommand(...args), { cwd: place })
const each = (runs: readonly Measured[]): string => runs.map(r => `${r.seconds.toFixed(2)} s`).join(', ')
const took = (what: string, runs: readonly Measured[], most?: number): Figure => ({
  what,
  value: median(runs.map(r => r.seconds)),
  unit: 's',
  ...(most !== undefined && { target: { most } }),
  from: each(runs),
})
const memory = (what: string, runs: readonly Measured[]): Figure[] => {
  const peaks = runs.flatMap(r => r.firstProcessMiB ?? [])
  return peaks.length > 0 ? [{ what, value: Math.max(...peaks), unit: 'MiB', target: { most: 300 } }] : []
}

/** Many elements and many files: planning, running again, and what the scheduler's process holds. */
export const scale: Bench = {
  title: `${ELEMENTS} elements in two steps of the user's own; ${FILES} files in a dataset`,
  async run() {
    write()
    // Files that are younger than a second are not trusted.
    await sleep(1100)
    const start = await repeated(5, 1, () => measure([process.execPath, '-e', '0']))
    const first = await pipe('run', 'elements.yaml', '--json')
    const plan = await repeated(5, 1, () => pipe('plan', 'elements.yaml'))
    const again = await repeated(5, 1, () => pipe('run', 'elements.yaml', '--json'))
    const one = await repeated(5, 1, () => pipe('plan', 'elements.yaml', '--set', `parts.count=${ELEMENTS / 2 + 1}`))
    const listed = await pipe('run', 'files.yaml', '--json')
    const listedAgain = await repeated(3, 1, () => pipe('run', 'files.yaml', '--json'))
    const read = listedAgain.flatMap(r => r.readMiB ?? [])
    return {
      figures: [
        took('start of node alone', start),
        took('elements: pipe plan, nothing to do', plan, 1),
        took('elements: run again, nothing to do', again, 2),
        took(`elements: pipe plan, one more in the first step`, one),
        took('elements: first run, all made', [first]),
        ...memory('elements: peak memory of the scheduler, all made', [first]),
        ...memory('elements: peak memory of the scheduler, nothing to do', again),
        took('files: first run, all read', [listed]),
        took('files: second run', listedAgain),
        ...(read.length > 0
          ? [
              {
                what: 'files: read by the second run, the program and its memory of the files included',
                value: Math.max(...read),
                unit: 'MiB',
                target: { most: 40 },
                from: `the dataset has ${((FILES * FILE_BYTES) / 2 ** 20).toFixed(0)} MiB`,
              },
            ]
          : []),
        ...memory('files: peak memory of the scheduler', [listed, ...listedAgain]),
      ],
    }
  },
}
