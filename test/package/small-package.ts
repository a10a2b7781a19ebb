import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { expect } from 'vitest'

const main = resolve(import.meta.dirname, '../../dist/bundle/pipe.js')

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A model that a small pipeline trained and packaged, an image that it predicted, and the command that did it. */
export interface SmallPackage {
  /** A folder of the test's own: `cord/` is the packaged model. */
  readonly dir: string
  /** An image of the test set, in `dir`. */
  readonly image: string
  /** What the pipeline predicted of it, soft. */
  readonly predicted: string
  /** Runs `pipe` in `dir`. */
  pipe(...args: readonly string[]): Ran
}

/** Settings of the pipeline, as YAML. */
export interface SmallPipeline {
  readonly transforms: string
  readonly train: string
}

const pipelineOf = ({ transforms, train }: SmallPipeline): string => `
name: small
seed: 1
steps:
  dataset: { node: phantom, params: { subjects: 4, contrasts: [T2w], shape: [24, 24, 8] } }
  index: { node: bids-index, inputs: { datasets: dataset }, params: { contrasts: [T2w], target_suffix: [_seg-manual] } }
  split: { node: split, inputs: { index: index }, params: { train_fraction: 0.5, test_fraction: 0.25 } }
  slices: { node: slice, inputs: { index: index, datasets: dataset } }
  tensors: { node: transform, inputs: { slices: slices }, params: ${transforms} }
  model: { node: train, inputs: { tensors: tensors, split: split }, params: ${train} }
  predictions: { node: infer, inputs: { model: model, tensors: tensors, split: split } }
  package:
    node: package
    inputs: { model: model, tensors: tensors, split: split, index: index, datasets: dataset }
    params: { name: cord, licence: MIT, postprocessing: { binarize_prediction: { thr: 0.5 } } }
`

/** Runs the pipeline in a new folder, which is the caller's to remove. */
export function makeSmallPackage(settings: SmallPipeline): SmallPackage {
  const dir = mkdtempSync(join(tmpdir(), 'package-'))
  const pipe = (...args: readonly string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      cwd: dir,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      encoding: 'utf8',
    })
    return { code: status, out: stdout, err: stderr }
  }
  writeFileSync(join(dir, 'p.yaml'), pipelineOf(settings))
  const ran = pipe('run', 'p.yaml')
  expect(ran.err + ran.out, 'the pipeline runs').toContain('8 ran')
  const made = readdirSync(join(dir, 'cache/artifacts'), { recursive: true, encoding: 'utf8' }).map(file =>
    join(dir, 'cache/artifacts', file),
  )
  const find = (end: string): string => made.find(file => file.endsWith(end))!
  cpSync(dirname(find('cord.onnx')), join(dir, 'cord'), { recursive: true })
  const predicted = find('_pred.nii.gz')
  const name = basename(predicted).replace('_pred', '')
  copyFileSync(find(`/${name}`), join(dir, name))
  return { dir, image: join(dir, name), predicted, pipe }
}
