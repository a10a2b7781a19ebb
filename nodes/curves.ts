import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileOf } from '../src/artifact.ts'
import { defineNode, one } from '../src/node.ts'
import { curves, model } from './artifacts.ts'

const files = { csv: 'curves.csv', svg: 'curves.svg', tensorboard: 'tensorboard' } as const

/** The curves of a training, for papers and for TensorBoard, with the slices that it watched (`n_gif`). A step of its own, so that a trained model stays what it is. */
export default defineNode({
  summary: 'Writes the curves of a training as SVG, as CSV, and as event files for TensorBoard.',
  version: 1,
  params: z.strictObject({}),
  inputs: { model: one(model) },
  output: curves,
  async run(job) {
    const { dir, inputs } = job
    const { readCurvesCsv, curvesSvg, curveEvents, eventsFile, readFilm } = await work()
    const table = fileOf(inputs.model, 'curves.csv').path
    const epochs = readCurvesCsv(await readFile(table, 'utf8'))
    await copyFile(table, join(dir, files.csv))
    await writeFile(join(dir, files.svg), curvesSvg(epochs, inputs.model.value.bestEpoch))
    const films = await Promise.all(
      (inputs.model.value.gifs ?? []).map(async ({ image, slice, planes, firstEpoch }) => {
        return { name: `${image}_slice${slice}`, firstEpoch, film: await readFilm(fileOf(inputs.model, planes).path) }
      }),
    )
    for (const [run, events] of Object.entries(curveEvents(epochs, films))) {
      const folder = join(dir, files.tensorboard, run)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, eventsFile), events)
    }
    job.log(`curves of ${epochs.length} epochs; tensorboard --logdir on the folder ${files.tensorboard} shows them`)
    return { ...files, epochs: epochs.length }
  },
})

/** What only the work needs: loaded with it, since `pipe plan` reads this file too. */
async function work() {
  const [reading, drawing, converting, events, films] = await Promise.all([
    import('../src/net/read-curves.ts'),
    import('../src/report/curves-svg.ts'),
    import('../src/tensorboard/curves.ts'),
    import('../src/tensorboard/events.ts'),
    import('../src/qc/film.ts'),
  ])
  return { ...reading, ...drawing, ...converting, ...events, ...films }
}
