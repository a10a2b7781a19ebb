import { z } from 'zod'
import { fail } from '../failure.ts'
import type { SliceAxis } from '../image/hwd.ts'
import type { Entry } from '../ordered.ts'
import { postprocessSchema } from '../postprocess/index.ts'
import type { PatchGrid } from '../net/patches.ts'
import { chainSchema, type Chain } from '../transforms/chain.ts'
import { aboutSchema, type About } from './about.ts'
import type { VolumeGrid } from './predict-volume.ts'
import type { Triple } from './volume.ts'

/** How a model turns an image into masks: what its JSON says, read and checked. */
export interface ModelSettings {
  readonly axis: SliceAxis
  /** The label suffixes, one per class. */
  readonly targets: readonly string[]
  /** The contrasts that are the channels of an image; one where any of them may be given. */
  readonly contrasts: readonly string[]
  readonly multichannel: boolean
  /** Whether slices whose voxels are all equal are left out. */
  readonly skipsEmpty: boolean
  /** Slices whose prior mask has at most so many voxels are left out. */
  readonly roiThreshold: number | undefined
  readonly chain: Chain
  /** Transforms that are not done, with the reason for each. */
  readonly leftOut: readonly string[]
  readonly postprocessing: readonly Entry[]
  /** Slices are predicted in patches of this size, one every `stride` pixels. */
  readonly patch: PatchGrid | undefined
  /** Of a model for volumes: these are predicted in sub-volumes of this size. */
  readonly volume: VolumeGrid | undefined
  readonly batchSize: number
  /** The network as the JSON has it, not checked: its `name` and settings. */
  readonly defaultModel: Readonly<Record<string, unknown>>
  /** What a package step of ours wrote beside ivadomed's keys. */
  readonly about: About | undefined
}

const size = z.int().positive()
const pair = z.tuple([size, size])
const applied = z.looseObject({ applied: z.boolean().default(false) }).optional()
const sizes = z.array(z.int()).nullish()
const in3d = z.looseObject({ applied: z.boolean().default(false), length_3D: sizes, stride_3D: sizes }).optional()

/** The keys of ivadomed's configuration that decide a prediction; all others are left alone. */
const schema = z.looseObject({
  loader_parameters: z.looseObject({
    slice_axis: z.enum(['sagittal', 'coronal', 'axial']).default('axial'),
    target_suffix: z.array(z.union([z.string(), z.array(z.string()).min(1)])).min(1),
    multichannel: z.boolean().default(false),
    contrast_params: z.looseObject({ testing: z.array(z.string()).default([]) }).prefault({}),
    roi_params: z.looseObject({ slice_filter_roi: z.number().nullish() }).prefault({}),
    slice_filter_params: z.looseObject({ filter_empty_input: z.boolean().default(true) }).prefault({}),
  }),
  training_parameters: z.looseObject({ batch_size: z.int().positive().default(18) }).prefault({}),
  default_model: z
    .looseObject({ is_2d: z.boolean().default(true), length_2D: sizes, stride_2D: sizes, length_3D: sizes, stride_3D: sizes })
    .prefault({}),
  transformation: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  postprocessing: postprocessSchema.default([]),
  ...{ Modified3DUNet: in3d, UNet3D: in3d, FiLMedUnet: applied, HeMISUnet: applied },
  voxelpipe: aboutSchema.optional(),
})

const refused = {
  FiLMedUnet: 'metadata as a second input (FiLM)',
  HeMISUnet: 'a network for missing contrasts (HeMIS)',
} as const

/** The settings in a model's JSON. `path` is for messages. */
export function readSettings(text: string, path: string): ModelSettings {
  const parsed = schema.safeParse(parse(text, path))
  if (!parsed.success) return fail({ kind: 'package-settings', path, problems: problemsOf(parsed.error, 'it') })
  const config = parsed.data
  for (const [key, what] of Object.entries(refused))
    if ((config[key] as { readonly applied?: boolean } | undefined)?.applied) fail({ kind: 'package-not-yet', path, what })
  const { loader_parameters: loader, voxelpipe: about } = config
  const { multichannel } = loader
  const volume = volumeOf(config, path)
  const chain = chainOf(config.transformation, about === undefined, path)
  if (volume) checkVolumeChain(chain.chain, path)
  return {
    axis: loader.slice_axis,
    targets: loader.target_suffix.map(suffix => (typeof suffix === 'string' ? suffix : suffix[0]!)),
    contrasts: loader.contrast_params.testing,
    multichannel,
    skipsEmpty: loader.slice_filter_params.filter_empty_input,
    roiThreshold: loader.roi_params.slice_filter_roi ?? undefined,
    ...chain,
    postprocessing: config.postprocessing,
    patch: volume ? undefined : patchOf(config.default_model, path),
    volume,
    batchSize: config.training_parameters.batch_size,
    defaultModel: config.default_model,
    about,
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return fail({ kind: 'package-settings', path, problems: [`it is not JSON: ${error.message}`] })
  }
}

const problemsOf = (error: z.ZodError, root: string): string[] =>
  error.issues.map(
    issue =>
      `${issue.path.join('.') || root}: ${issue.code === 'unrecognized_keys' ? `no ${issue.keys.join(', ')} is known` : issue.message}`,
  )

/** What ivadomed drops without a word when it predicts, since it has no way to undo it; so its models were never tested with it. */
const droppedByIvadomed: ReadonlySet<string> = new Set([
  'HistogramClipping',
  'Clahe',
  'ElasticTransform',
  'AdditiveGaussianNoise',
  'RandomGamma',
  'RandomBiasField',
  'RandomBlur',
  'DilateGT',
])

/**
 * The transforms, checked. Those of training alone may have settings that are refused today (`scale: [0.98, 1.02]` of t2star_sc):
 * they are left out, as what ivadomed drops is of its models (`foreign`).
 */
function chainOf(transformation: Readonly<Record<string, Readonly<Record<string, unknown>>>>, foreign: boolean, path: string) {
  const chain: Entry[] = []
  const leftOut: string[] = []
  for (const [name, settings] of Object.entries(transformation)) {
    const types = settings['dataset_type']
    const forTesting = !Array.isArray(types) || types.includes('testing')
    if (foreign && forTesting && droppedByIvadomed.has(name)) {
      leftOut.push(`${name}: ivadomed does not do it when it predicts, nor is it done here`)
      continue
    }
    const parsed = chainSchema.safeParse({ [name]: settings })
    if (parsed.success) chain.push(...parsed.data)
    else if (forTesting) fail({ kind: 'package-settings', path, problems: problemsOf(parsed.error, name).map(p => `transformation.${p}`) })
    else leftOut.push(`${name}, of training alone: ${problemsOf(parsed.error, name).join('; ')}`)
  }
  return { chain, leftOut }
}

type Config = z.infer<typeof schema>

function patchOf({ length_2D: length, stride_2D: stride }: Config['default_model'], path: string): PatchGrid | undefined {
  if (!length || length.length === 0) return undefined
  return gridOf(pair, length, stride, { length: 'default_model.length_2D', stride: 'default_model.stride_2D' }, path)
}

/** Of a network for volumes, which has its sizes where it is named. */
function volumeOf(config: Config, path: string): VolumeGrid | undefined {
  const key = (['Modified3DUNet', 'UNet3D'] as const).find(name => config[name]?.applied)
  if (key === undefined && config.default_model.is_2d) return undefined
  const { length_3D: length, stride_3D: stride } = config[key ?? 'default_model'] ?? {}
  const name = key ?? 'default_model'
  return gridOf(z.tuple([size, size, size]), length, stride, { length: `${name}.length_3D`, stride: `${name}.stride_3D` }, path)
}

/** Sizes of patches, and how far apart these begin: by default one beside the other. `names`: of the keys, for messages. */
function gridOf<T extends Triple | PatchGrid['length']>(
  shape: z.ZodType<T>,
  length: readonly number[] | null | undefined,
  stride: readonly number[] | null | undefined,
  names: { readonly length: string; readonly stride: string },
  path: string,
): { readonly length: T; readonly stride: T } {
  const parsed = z
    .object({ [names.length]: shape, [names.stride]: shape.optional() })
    .safeParse({ [names.length]: length, [names.stride]: stride?.length ? stride : undefined })
  if (!parsed.success) return fail({ kind: 'package-settings', path, problems: problemsOf(parsed.error, 'it') })
  const size = parsed.data[names.length]!
  const step = parsed.data[names.stride] ?? size
  if (step.some((s, axis) => s > size[axis]!))
    fail({
      kind: 'package-settings',
      path,
      problems: [`${names.stride}: larger than the length, so that some of the image would be left out`],
    })
  return { length: size, stride: step }
}

/** Volumes have three sides. */
function checkVolumeChain(chain: Chain, path: string): void {
  const flat = chain.find(({ name, size }) => (name === 'CenterCrop' || name === 'ROICrop') && (size as readonly number[]).length < 3)
  if (flat)
    fail({ kind: 'package-settings', path, problems: [`transformation.${flat.name}.size: volumes have a height, a width and a depth`] })
}
