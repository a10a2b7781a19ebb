import type { Artifact } from '../artifact.ts'
import type { PatchGrid } from '../net/patches.ts'
import type { Entry } from '../ordered.ts'
import { packagedCard } from '../net/model-card.ts'
import type { About } from './about.ts'
import type { ToPackage } from './config.ts'

type Split = About['data']['split']
interface Row {
  readonly id: string
  readonly dataset: number
  readonly subject: string
  readonly contrast: string
  readonly image: string
  readonly channels?: readonly string[] | undefined
  readonly labels: readonly (readonly string[])[]
}

/** What a package is gathered from: the artifacts of a pipeline, and what its author says. */
export interface Gathered {
  readonly name: string
  readonly description: string
  readonly intendedUse: string
  readonly licence: string
  readonly postprocessing: readonly Entry[]
  /** The text of `model.json`. */
  readonly card: string
  /** The digest of a file of the n-th dataset. */
  readonly digestOf: (dataset: number, path: string) => string | undefined
  readonly model: Artifact<
    Omit<About['training'], never> & {
      readonly axis: string
      readonly parameters: number
      readonly targets: readonly string[]
      readonly patch?: PatchGrid | undefined
    }
  >
  readonly tensors: Artifact<{ readonly once: readonly Entry[]; readonly draw: readonly Entry[] }>
  readonly split: Artifact<Split>
  readonly index: Artifact<{ readonly contrasts?: readonly string[] | undefined; readonly images: readonly Row[] }>
  readonly metrics?: Artifact<{
    readonly rows: readonly unknown[]
    readonly means: Readonly<Record<string, number | null>>
    readonly intervals?: Readonly<Record<string, { readonly low: number; readonly high: number } | null>> | undefined
  }>
}

/** All that is written into a package. */
export function aboutOf(of: Gathered): ToPackage {
  const { name, description, intendedUse, licence, model, tensors, split, index, metrics } = of
  const { network, engine } = packagedCard(of.card)
  const { axis, patch, parameters, targets, epochs, bestEpoch, bestValidationLoss, validationDice } = model.value
  const used = new Set([...split.value.train, ...split.value.validation, ...split.value.test])
  const images = index.value.images.filter(({ id }) => used.has(id))
  const contrasts = index.value.contrasts ?? [...new Set(images.map(({ contrast }) => contrast))]
  const about: About = {
    ...{ format: 1, name, description, intendedUse, licence, network, parameters, engine },
    training: { epochs, bestEpoch, bestValidationLoss, validationDice },
    data: { subjects: new Set(images.map(({ subject }) => subject)).size, contrasts: [...contrasts], split: split.value },
    ...(metrics && {
      metrics: { images: metrics.value.rows.length, means: { ...metrics.value.means }, intervals: { ...metrics.value.intervals } },
    }),
    trainingFiles: trainingFiles(of),
    provenance: { model: model.digest, tensors: tensors.digest, split: split.digest, ...(metrics && { metrics: metrics.digest }) },
  }
  const chain = [...tensors.value.once, ...tensors.value.draw]
  return {
    about,
    axis,
    targets,
    contrasts,
    multichannel: index.value.contrasts !== undefined,
    network,
    patch,
    chain,
    postprocessing: of.postprocessing,
  }
}

/** The images and labels that were trained on, by path. */
function trainingFiles({ split, index, digestOf }: Gathered): Readonly<Record<string, string>> {
  const trained = new Set(split.value.train)
  const files = index.value.images
    .filter(({ id }) => trained.has(id))
    .flatMap(({ dataset, image, channels, labels }) => [...(channels ?? [image]), ...labels.flat()].map(path => ({ dataset, path })))
  const digests = files.map(({ dataset, path }): [string, string] => [path, digestOf(dataset, path) ?? missing(path)])
  return Object.fromEntries(digests.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function missing(path: string): never {
  throw new Error(`${path} is of the index, and not in its dataset`)
}
