import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { fail } from '../failure.ts'
import { isMicrograph } from '../image/formats.ts'
import type { SliceAxis } from '../image/hwd.ts'
import type { Pipeline, Step } from '../pipeline/pipeline.ts'
import type { Chain } from '../transforms/chain.ts'
import type { Sample } from '../transforms/transform.ts'
import { openPipeline, UsageError, type CommonOptions, type Context } from './context.ts'
import { withPipeline } from './options.ts'

interface ShowFlags extends CommonOptions {
  readonly slices: number
  readonly out: string
  readonly roi?: string
  readonly step?: string
  readonly axis?: string
}

export function addShowTransforms(program: Command, context: Context): void {
  withPipeline(program.command('show-transforms'))
    .argument('<image>', 'a NIfTI image, PNG or TIFF')
    .summary('pictures of slices before and after each transform')
    .description(
      'Does the transforms of training to slices of an image, one more at a time, and writes a PNG for each: the slice as it is on the left, after the transforms on the right. The name says which transforms: Resample_CenterCrop_slice8.png.',
    )
    .option('-n, --slices <n>', 'how many slices, evenly spread', positive, 1)
    .option('-o, --out <dir>', 'where the pictures go', 'show-transforms')
    .option('-r, --roi <file>', 'the region of interest of the image, for ROICrop')
    .option('--step <name>', 'the step with the transforms, where the pipeline has several')
    .option('--axis <name>', 'sagittal, coronal or axial (default: as the pipeline cuts its images)')
    .addHelpText('after', '\nExample:\n  pipe show-transforms pipelines/quickstart.yaml sub-01_T2w.nii.gz -n 2 -o pictures')
    .action(async (file: string, image: string, flags: ShowFlags) => {
      const { pipeline, cache } = await openPipeline(file, flags, context)
      await cache.close()
      await show(pipeline, image, flags, context)
    })
}

async function show(pipeline: Pipeline, image: string, flags: ShowFlags, context: Context): Promise<void> {
  const step = stepOf(pipeline, flags.step)
  const axis = axisOf(pipeline, step, flags.axis)
  const [{ mkdir, writeFile }, { encodePng }, { beside, enlarge, pictureOf }, { stagesOf }] = await Promise.all([
    import('node:fs/promises'),
    import('../image/png.ts'),
    import('../image/picture.ts'),
    import('../transforms/preview.ts'),
  ])
  const path = (of: string) => resolve(context.cwd, of)
  const samples = await samplesOf(image, path(image), flags.roi === undefined ? undefined : path(flags.roi), axis, flags.slices, context)
  await mkdir(path(flags.out), { recursive: true })
  const view = isMicrograph(image) ? 'picture' : axis
  for (const sample of samples) {
    const shape = [sample.image.shape[1], sample.image.shape[2]] as const
    const before = pictureOf(sample.image.data, shape, view)
    // Small slices are shown large enough to be seen.
    const times = Math.max(1, Math.floor(256 / Math.max(...shape)))
    for (const { name, image: after } of stagesOf(step.params as Chain, sample, pipeline.seed)) {
      const picture = pictureOf(after.data, [after.shape[1], after.shape[2]], view)
      const out = join(flags.out, `${name}_slice${sample.from!.slices[0]}.png`)
      await writeFile(path(out), encodePng(beside(enlarge(before, times), enlarge(picture, times))))
      context.out(`${out}\n`)
    }
  }
}

/** The step with the transforms: the one named, or the only one. */
function stepOf(pipeline: Pipeline, name: string | undefined): Step {
  const steps = [...pipeline.steps.values()].filter(step => step.nodeName === 'transform')
  const known = steps.map(step => step.id)
  if (steps.length === 0) throw new UsageError([{ kind: 'no-transforms', file: pipeline.file, steps: [...pipeline.steps.keys()] }])
  if (name !== undefined)
    return steps.find(step => step.id === name) ?? refuse({ kind: 'unknown-choice', option: '--step', given: name, known })
  if (steps.length > 1) throw new UsageError([{ kind: 'which-step', node: 'transform', known }])
  return steps[0]!
}

const axes = ['sagittal', 'coronal', 'axial'] as const
const isAxis = (value: unknown): value is SliceAxis => axes.some(axis => axis === value)

/** The axis named, or that of the step that cuts the slices for the transforms. */
function axisOf(pipeline: Pipeline, step: Step, named: string | undefined): SliceAxis {
  const cut = pipeline.steps.get(step.inputs['slices']?.[0] ?? '')?.params as { readonly slice_axis?: unknown } | undefined
  const axis = named ?? cut?.slice_axis
  if (isAxis(axis)) return axis
  return refuse({ kind: 'unknown-choice', option: '--axis', given: named ?? 'left to a step that says none', known: axes })
}

function refuse(failure: UsageError['failures'][number]): never {
  throw new UsageError([failure])
}

/** Slices evenly spread over those of the image that have a region of interest, if one is given. */
async function samplesOf(
  id: string,
  image: string,
  roi: string | undefined,
  axis: SliceAxis,
  count: number,
  context: Context,
): Promise<readonly Sample[]> {
  const [{ cutImage }, { pixelSizeBeside }] = await Promise.all([import('../image/cut.ts'), import('../package/pixel-size.ts')])
  const pixelSizeMm = await pixelSizeBeside(image, undefined)
  const filters = { emptyInput: false, emptyMask: false, absentClass: false, roi: 0 }
  const warn = (line: string): void => context.err(`${line}\n`)
  const cut = await cutImage({ axis, filters, images: [image], raters: [], labels: [], roi, pixelSizeMm, warn })
  if (cut.slices.length === 0) fail({ kind: 'no-slices', images: 1, filters: ['the filter for slices with a region of interest'] })
  const [height, width] = cut.shape
  const plane = (of: Float32Array, s: number) =>
    ({ shape: [1, height, width], data: of.subarray(s * height * width, (s + 1) * height * width) }) as const
  return spread(cut.slices.length, count).map(s => ({
    image: plane(cut.image, s),
    ...(cut.roi && { roi: plane(cut.roi, s) }),
    spacing: [cut.spacing[0], cut.spacing[1]],
    from: { id, slices: [cut.slices[s]!] },
  }))
}

/** `count` of 0 ... n-1, evenly spread; one is the middle. */
const spread = (n: number, count: number): number[] =>
  [...new Set(Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) / count) * n)))].filter(i => i < n)

function positive(text: string): number {
  const n = Number(text)
  return Number.isInteger(n) && n >= 1
    ? n
    : refuse({ kind: 'bad-option', option: '--slices', given: text, wants: 'a whole number of at least 1' })
}
