import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { FailureError } from '../failure.ts'
import type { FoundImage } from '../package/find-images.ts'
import type { PixelSize } from '../image/pixel-size.ts'
import type { Segmenter, SegmentOptions } from '../package/segment.ts'
import { EXIT, UsageError, type Context } from './context.ts'
import { printFailures } from './print.ts'
import { durationWords } from './units.ts'

interface SegmentFlags {
  readonly model: string
  readonly output: string
  readonly binarizePrediction?: number
  readonly binarizeMaxpooling?: boolean
  readonly keepLargest?: boolean
  readonly fillHoles?: boolean
  readonly removeSmall?: readonly string[]
  readonly overlap2d?: readonly [number, number]
  readonly patch: boolean
  readonly patchWeights: string
  readonly tta: number
  readonly seed: number
  readonly prior?: string
  readonly pixelSize?: readonly number[]
  readonly pixelSizeUnits: string
  readonly engine?: string
  readonly device?: string
}

export function addSegment(program: Command, context: Context): void {
  program
    .command('segment')
    .argument('<image...>', 'NIfTI images, PNG or TIFF, or BIDS folders; of several channels their files with commas between them')
    .summary('masks of images, by a packaged model')
    .description(
      "Segments images with a packaged model, ours or ivadomed's: a folder NAME with NAME.onnx and NAME.json. Masks lie in each image's own grid.",
    )
    .requiredOption('-m, --model <folder>', 'the packaged model')
    .option('-o, --output <dir>', 'where the masks go', '.')
    .option('--binarize-prediction <thr>', 'values of at least this become 1, others 0; -1: soft values', numberOf('--binarize-prediction'))
    .option('--binarize-maxpooling', 'every voxel to the class with the highest value')
    .option('--no-binarize-maxpooling', 'not so, although the model says it')
    .option('--keep-largest', 'only the largest object of each class')
    .option('--no-keep-largest', 'all objects, although the model says otherwise')
    .option('--fill-holes', 'fill holes of masks')
    .option('--no-fill-holes', 'leave them, although the model says otherwise')
    .option('--remove-small <size...>', 'remove objects smaller than this, one size a class: 10, 10vox or 3mm3')
    .option('--overlap-2d <x,y>', 'by how many pixels patches overlap (default: as the model was trained)', pairOf)
    .option('--no-patch', 'whole slices, although the model was trained on patches')
    .option('--patch-weights <how>', 'how overlapping patches are averaged: gaussian, or uniform as in ivadomed', 'gaussian')
    .option(
      '--tta <n>',
      'test-time augmentation: averages so many predictions of images that are moved as in training',
      wholeOf('--tta'),
      0,
    )
    .option('--seed <n>', 'what --tta is drawn by', wholeOf('--seed'), 0)
    .option('--prior <mask>', 'a mask of the region to look at: the image is cropped about it')
    .option('--pixel-size <x,y>', 'of PNG and TIFF: how large a pixel is, along the width first (default: as its JSON says)', numbersOf)
    .option('--pixel-size-units <unit>', 'what --pixel-size is in: mm, um, nm', 'um')
    .option('--device <name>', 'where the model runs: auto, cpu, webgpu, cuda', 'auto')
    .addHelpText(
      'after',
      `
Examples:
  pipe segment -m my_model sub-01_T2w.nii.gz
  pipe segment -m my_model -o masks bids_folder --keep-largest --remove-small 3mm3
  pipe segment -m two_contrasts t1.nii.gz,t2.nii.gz --binarize-prediction 0.5
  pipe segment -m axons sem.png --pixel-size 0.1,0.1`,
    )
    .action(async (images: readonly string[], flags: SegmentFlags, command: Command) => {
      process.exitCode = await segmentAll(images, asked(flags, command), context)
    })
}

/** Commander gives `true` for what has a `--no-` form and was not said: only what was said lies over the model's settings. */
function asked(flags: SegmentFlags, command: Command): SegmentFlags {
  const kept = Object.entries(flags).filter(
    ([name]) => !['binarizeMaxpooling', 'keepLargest', 'fillHoles'].includes(name) || command.getOptionValueSource(name) === 'cli',
  )
  return Object.fromEntries(kept) as unknown as SegmentFlags
}

async function segmentAll(images: readonly string[], flags: SegmentFlags, context: Context): Promise<number> {
  const started = Date.now()
  const [{ openPackage }, { findImages }, { chooseCompute, thisMachine }, { loadEngine }, { mkdir }, options] = await Promise.all([
    import('../package/open.ts'),
    import('../package/find-images.ts'),
    import('./compute.ts'),
    import('../net/engines.ts'),
    import('node:fs/promises'),
    optionsOf(flags),
  ])
  const model = await openPackage(resolve(context.cwd, flags.model))
  if (model.settings.volume) refuseForVolumes(options)
  for (const line of model.settings.leftOut) context.err(`left out: ${line}\n`)
  const chosen = chooseCompute({ device: flags.device ?? 'auto' }, thisMachine(context.env))
  if (!chosen.ok) throw new UsageError(chosen.failures)
  const { compute } = chosen.value
  const engine = await loadEngine(compute.engine)
  const predictor = await engine.predictor(model.onnx, { threads: availableParallelism(), device: compute.device })
  const segmenter = { settings: model.settings, predictor }
  const pixelSizeMm = flags.pixelSize && (await pixelSizeAsked(flags.pixelSize, flags.pixelSizeUnits))
  const out = resolve(context.cwd, flags.output)
  await mkdir(out, { recursive: true })

  let failed = 0
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
      failed++
      context.err(printFailures([error.failure]))
    }
  }
  const written = new Map<string, string>()
  for (const argument of images)
    await guarded(async () => {
      const absolute = argument.split(',').map(part => resolve(context.cwd, part))
      for (const image of await findImages(absolute.join(','), model.settings))
        await guarded(() => segmentOne(image, { segmenter, options, flags, pixelSizeMm, out, written, context }))
    })
  await predictor.close()
  if (written.size > 0) context.err(`${written.size} segmented in ${durationWords(Date.now() - started)}\n`)
  return failed > 0 ? EXIT.failed : EXIT.done
}

interface Around {
  readonly segmenter: Segmenter
  readonly options: SegmentOptions
  readonly flags: SegmentFlags
  readonly pixelSizeMm: PixelSize | undefined
  readonly out: string
  /** Which image each mask is of. */
  readonly written: Map<string, string>
  readonly context: Context
}

async function segmentOne(
  { name, files }: FoundImage,
  { segmenter, options, flags, pixelSizeMm, out, written, context }: Around,
): Promise<void> {
  const [{ pickImage }, { segment }, { writeMasks }, { fail }] = await Promise.all([
    import('../package/pick.ts'),
    import('../package/segment.ts'),
    import('../package/write-masks.ts'),
    import('../failure.ts'),
  ])
  const earlier = written.get(name)
  if (earlier !== undefined) fail({ kind: 'same-mask-name', name: `${name}_pred.nii.gz`, images: [earlier, files[0]!] })
  const prior = flags.prior === undefined ? undefined : resolve(context.cwd, flags.prior)
  const picked = await pickImage(segmenter.settings, { id: name, files, prior, pixelSizeMm, warn: line => context.err(`${line}\n`) })
  const part = segmenter.settings.volume ? 'sub-volume' : 'slice'
  const said = (done: number, total: number): void => {
    if (process.stderr.isTTY) context.err(done < total ? `\r${name}: ${part} ${done} of ${total}` : '\r\x1b[K')
  }
  const result = await segment(segmenter, picked, options, said)
  written.set(name, files[0]!)
  for (const file of await writeMasks(out, name, result, picked.native)) context.out(`${flags.output}/${file}\n`)
}

async function optionsOf(flags: SegmentFlags): Promise<SegmentOptions> {
  const { removeSmallOf } = await import('../package/sizes.ts')
  const { binarizePrediction, binarizeMaxpooling, keepLargest, fillHoles, removeSmall, overlap2d, patch, patchWeights, tta, seed } = flags
  if (patchWeights !== 'gaussian' && patchWeights !== 'uniform')
    throw new UsageError([{ kind: 'unknown-choice', option: '--patch-weights', given: patchWeights, known: ['gaussian', 'uniform'] }])
  const small = removeSmall && removeSmallOf(removeSmall)
  return {
    post: { binarizePrediction, binarizeMaxpooling, keepLargest, fillHoles, removeSmall: small },
    // X is along the width, as in ivadomed.
    overlap: overlap2d && [overlap2d[1], overlap2d[0]],
    ...{ wholeSlices: !patch, weighting: patchWeights, augmentations: tta, seed },
  }
}

function refuseForVolumes({ augmentations, overlap }: SegmentOptions): void {
  const wants = 'a model for slices; this one is for volumes'
  if (augmentations > 0) refuse('--tta', String(augmentations), wants)
  if (overlap) refuse('--overlap-2d', overlap.toReversed().join(','), wants)
}

async function pixelSizeAsked(size: readonly number[], units: string): Promise<PixelSize> {
  const { pixelSizeInMm, pixelSizeUnits } = await import('../image/pixel-size.ts')
  const known = Object.keys(pixelSizeUnits)
  if (!known.includes(units)) throw new UsageError([{ kind: 'unknown-choice', option: '--pixel-size-units', given: units, known }])
  return pixelSizeInMm(size, units) ?? refuse('--pixel-size', size.join(','), 'two or three positive numbers such as 0.1,0.1')
}

function refuse(option: string, given: string, wants: string): never {
  throw new UsageError([{ kind: 'bad-option', option, given, wants }])
}

const numberOf =
  (option: string) =>
  (text: string): number => {
    const value = Number(text)
    return text.trim() !== '' && value <= 1 ? value : refuse(option, text, 'a number of at most 1')
  }

const wholeOf =
  (option: string) =>
  (text: string): number => {
    const value = Number(text)
    return Number.isSafeInteger(value) && value >= 0 ? value : refuse(option, text, 'a whole number of at least 0')
  }

const numbersOf = (text: string): readonly number[] => text.split(',').map(Number)

function pairOf(text: string): readonly [number, number] {
  const [x, y, more] = text.split(',').map(wholeOf('--overlap-2d'))
  return x !== undefined && y !== undefined && more === undefined ? [x, y] : refuse('--overlap-2d', text, 'two numbers such as 16,16')
}
