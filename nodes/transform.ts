import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, type FileRef } from '../src/artifact.ts'
import { defineEachNode, one, type Element } from '../src/node.ts'
import { asBytes, readNpy, writeNpy } from '../src/npy.ts'
import { chainSchema, partingImageAndLabel, runOnce, show, splitChain, type Chain } from '../src/transforms/chain.ts'
import type { Planes, UndoRecord } from '../src/transforms/transform.ts'
import { slices, tensors } from './artifacts.ts'

/** All that decides an image's tensors, beside its two files. */
interface Prepare {
  readonly once: Chain
  /** Millimetres along height and width. */
  readonly spacing: readonly [number, number]
  /** Which slice each packed one is; where there is a region of interest, which messages may be about. */
  readonly slices?: readonly number[]
}

interface Prepared {
  readonly shape: readonly [number, number]
  readonly undo: readonly UndoRecord[]
  readonly image: string
  readonly label?: string
}

/** The chain's first part is done here and cached per image; its second part travels on, to be done at every draw. */
export default defineEachNode({
  summary: 'Prepares samples: resamples and crops every slice once, and says what training and inference do at each draw.',
  version: 2,
  params: chainSchema.describe('The transforms in order, each with its settings: those of ivadomed, under their names.'),
  inputs: { slices: one(slices) },
  output: tensors,

  each: {
    shared: [],
    parallel: true,

    elements({ params, inputs }): Element<Prepare>[] {
      const { once } = splitChain(params)
      return Object.entries(inputs.slices.value.images).map(([id, image]) => ({
        id,
        value: { once, spacing: [image.spacing[0]!, image.spacing[1]!], ...(image.roi !== undefined && { slices: image.slices }) },
        files: {
          image: fileOf(inputs.slices, image.image),
          ...(image.label !== undefined && { label: fileOf(inputs.slices, image.label) }),
          ...(image.roi !== undefined && { roi: fileOf(inputs.slices, image.roi) }),
        },
      }))
    },

    async run({ id, value, files, dir }): Promise<Prepared> {
      const image = await readPacked(files['image'])
      const label = files['label'] && (await readPacked(files['label']))
      const roi = files['roi'] && (await readPacked(files['roi']))
      // All slices at once: [slices * channels, height, width].
      const given = { image: image.planes, label: label?.planes, roi: roi?.planes, spacing: value.spacing }
      const { sample, undo } = runOnce(value.once, { ...given, from: { id, slices: value.slices ?? [] } })
      const [, height, width] = sample.image.shape
      const names = { image: `${id}_image.npy`, label: `${id}_label.npy` }
      await writeNpy(join(dir, names.image), 'float32', [...image.packed, height, width], sample.image.data)
      if (label && sample.label) {
        const numbers = asBytes(sample.label.data)
        await writeNpy(
          join(dir, names.label),
          numbers instanceof Uint8Array ? 'uint8' : 'float32',
          [...label.packed, height, width],
          numbers,
        )
      }
      return { shape: [height, width], undo, image: names.image, ...(label && { label: names.label }) }
    },

    collect(job) {
      const { params, inputs, results } = job
      const { axis, targets, channels, contrasts, soft, images } = inputs.slices.value
      const { once, draw } = splitChain(params)
      for (const line of show(once)) job.log(`once: ${line}`)
      for (const line of show(draw)) job.log(`at every draw: ${line}`)
      const parting = partingImageAndLabel(draw)
      if (parting.length)
        job.log(`Image and label will lie apart, as applied_to does not name both im and gt: ${parting.join(', ')}.`, 'warn')
      return {
        axis,
        targets,
        channels,
        ...(contrasts && { contrasts }),
        ...(soft && { soft }),
        once: [...once],
        draw: [...draw],
        images: Object.fromEntries(
          Object.entries(images).map(([id, { shape, spacing, native, slices: kept, raters }]) => {
            const { undo, shape: size, ...names } = results.get(id)!
            return [
              id,
              { volume: { shape, spacing, native }, slices: kept, shape: [...size], undo: [...undo], ...names, ...(raters && { raters }) },
            ]
          }),
        ),
      }
    },
  },
})

/** A .npy file [slices, channels, height, width] as planes, and its first two sizes. */
async function readPacked(file: FileRef | readonly FileRef[] | undefined) {
  if (!file || !('path' in file)) throw new Error('an element of this node has one file of each kind')
  const { shape, data } = await readNpy(file.path)
  const [count, channels, height, width] = z.tuple([z.int(), z.int(), z.int(), z.int()]).parse(shape)
  if (!(data instanceof Float32Array || data instanceof Uint8Array)) throw new Error(`${file.path} holds neither float32 nor uint8`)
  const planes: Planes = { shape: [count * channels, height, width], data: data instanceof Uint8Array ? Float32Array.from(data) : data }
  return { planes, packed: [count, channels] }
}
