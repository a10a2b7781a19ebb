import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileOf } from '../src/artifact.ts'
import { filesUnder, labelFiles } from '../src/bids/label-files.ts'
import { readHeader } from '../src/image/nifti.ts'
import { encodeRgbPng } from '../src/image/png.ts'
import { defineEachNode, many, one, type ElementJob } from '../src/node.ts'
import { classPairs } from '../src/qc/class-pairs.ts'
import { drawnSlices } from '../src/qc/drawn-slices.ts'
import { sliceErrors } from '../src/qc/errors.ts'
import { imageFile } from '../src/qc/image-file.ts'
import { overlay } from '../src/qc/overlay.ts'
import { dataset, index, masks, qc } from './artifacts.ts'

const params = z.strictObject({
  slice_axis: z.enum(['sagittal', 'coronal', 'axial']).default('axial').describe('which way the pictures look'),
})
type Axis = z.infer<typeof params>['slice_axis']

const inputs = { masks: one(masks), index: one(index), datasets: many(dataset) }
type Each = ElementJob<typeof inputs, never, Axis>
type Shown = z.infer<typeof qc.schema>['images'][string]

/** Draws the slice that is worst and the one in the middle. */
async function draw(job: Each): Promise<Shown> {
  const { id, value: axis, files, dir } = job
  const [mask, image] = [filesUnder(files['mask'])[0]!.path, filesUnder(files['image'])[0]!.path]
  const header = await readHeader(mask)
  const labels = Array.from({ length: header.volumes }, (_, c) => filesUnder(files[`label${c}`]).map(file => file.path))
  const compared = { image: id, mask, labels }
  const { wrong, worst, middle } = await sliceErrors(classPairs(compared), header, axis)
  const drawn = await drawnSlices(classPairs(compared), image, axis, [...new Set([middle, ...(worst ? [worst.slice] : [])])], header)
  const write = async (name: string, slice: number) => {
    const file = `${id}_${name}.png`
    await writeFile(join(dir, file), encodeRgbPng(overlay(drawn.get(slice)!)))
    return { file, slice, wrong: wrong[slice]! }
  }
  return { middle: await write('middle', middle), ...(worst && { worst: await write('worst', worst.slice) }) }
}

/** Pictures of masks on their images, for a look at each. */
export default defineEachNode({
  summary: 'draws masks and labels on their images: of each the middle slice, and the one with the most errors, as PNG',
  version: 2,
  params,
  inputs,
  output: qc,
  each: {
    shared: [],
    parallel: true,
    elements({ params, inputs }) {
      const { targets, images } = inputs.masks.value
      return Object.entries(images).map(([id, { file }]) => {
        const labels = labelFiles(id, targets, inputs.index.value, inputs.datasets)
        const files = Object.fromEntries(labels.map((raters, c) => [`label${c}`, raters] as const))
        const image = imageFile(id, inputs.index.value, inputs.datasets)
        return { id, value: params.slice_axis, files: { mask: fileOf(inputs.masks, file), image, ...files } }
      })
    },
    run: draw,
    collect: ({ params, inputs, results }) => ({
      axis: params.slice_axis,
      targets: inputs.masks.value.targets,
      images: Object.fromEntries(results),
    }),
  },
})
