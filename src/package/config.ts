import type { Named } from '../net/named.ts'
import { patchesAtOnce } from '../net/patch-way.ts'
import type { PatchGrid } from '../net/patches.ts'
import type { Entry } from '../ordered.ts'
import type { About } from './about.ts'

/** What a package is made of. */
export interface ToPackage {
  readonly about: About
  readonly axis: string
  readonly targets: readonly string[]
  /** The contrasts that the model may be given; where `multichannel`, its channels. */
  readonly contrasts: readonly string[]
  readonly multichannel: boolean
  readonly network: Named
  /** The patches that slices are cut into, if they are. */
  readonly patch?: PatchGrid | undefined
  /** All transforms, those done once first. */
  readonly chain: readonly Entry[]
  readonly postprocessing: readonly Entry[]
}

/**
 * A model's JSON: ivadomed's configuration of the training, with the keys that its `segment_volume` reads, and what is known of the
 * model under `voxelpipe`, which ivadomed leaves alone. No times, so that equal trainings give equal bytes.
 */
export function packageConfig({ about, axis, targets, contrasts, multichannel, network, patch, chain, postprocessing }: ToPackage): string {
  const { name, ...settings } = network
  const config = {
    command: 'segment',
    model_name: about.name,
    loader_parameters: {
      target_suffix: targets,
      roi_params: { suffix: null, slice_filter_roi: null },
      contrast_params: { training_validation: contrasts, testing: contrasts, balance: {} },
      slice_filter_params: { filter_empty_mask: false, filter_empty_input: true },
      slice_axis: axis,
      multichannel,
      soft_gt: false,
    },
    training_parameters: { batch_size: patchesAtOnce },
    default_model: { name, ...settings, is_2d: true, ...(patch && { length_2D: patch.length, stride_2D: patch.stride }) },
    transformation: mapping(chain),
    postprocessing: mapping(postprocessing),
    training_sha256: about.trainingFiles,
    voxelpipe: about,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

const mapping = (entries: readonly Entry[]): Record<string, unknown> =>
  Object.fromEntries(entries.map(({ name, ...settings }) => [name, settings]))
