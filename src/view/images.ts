import { stepsOfKind, type KnownStep } from './kinds.ts'
import type { ShownStep } from './run-folder.ts'

/** What a layer shows. */
export type Role = 'image' | 'truth' | 'mask' | 'prediction' | 'uncertainty' | 'errors'

/** One thing to lay over another: a file of a step, or one volume of it. */
export interface Layer {
  readonly role: Role
  readonly label: string
  readonly step: string
  readonly path: string
  /** Of a file with a volume per class: which. */
  readonly volume: number
}

/** An image of a run, and all there is of it. */
export interface ShownImage {
  readonly id: string
  readonly subject: string
  readonly contrast: string
  readonly set?: 'train' | 'validation' | 'test'
  /** Mean over the classes; undefined where it was not evaluated, or has none. */
  readonly dice?: number
  readonly metrics: Readonly<Record<string, number | null>>
  readonly layers: readonly Layer[]
}

type Row = KnownStep<'index'>['value']['images'][number]

/** The images that were predicted (all of the index, where none was yet): the lowest Dice first, those without one last. */
export function imagesOf(steps: readonly ShownStep[]): readonly ShownImage[] {
  const [index] = stepsOfKind('index', steps)
  if (!index) return []
  const predicted = new Set(
    [...stepsOfKind('masks', steps), ...stepsOfKind('predictions', steps)].flatMap(({ value }) => Object.keys(value.images)),
  )
  const rows = index.value.images.filter(row => predicted.size === 0 || predicted.has(row.id))
  return rows.map(row => imageOf(row, index, steps)).sort(worstFirst)
}

const worstFirst = (a: ShownImage, b: ShownImage): number =>
  (a.dice ?? Infinity) === (b.dice ?? Infinity) ? (a.id < b.id ? -1 : 1) : (a.dice ?? Infinity) - (b.dice ?? Infinity)

function imageOf(row: Row, index: KnownStep<'index'>, steps: readonly ShownStep[]): ShownImage {
  const metrics = stepsOfKind('metrics', steps)[0]?.value.rows.find(({ image }) => image === row.id)?.values ?? {}
  const dice = diceOf(metrics)
  const set = setOf(row.id, steps)
  return {
    ...{ id: row.id, subject: row.subject, contrast: row.contrast, metrics },
    ...(set && { set }),
    ...(dice !== undefined && { dice }),
    layers: [...inputLayers(row, index), ...maskLayers(row.id, steps), ...predictionLayers(row.id, steps), ...errorLayers(row.id, steps)],
  }
}

/** Mean over the classes that have one. */
export function diceOf(metrics: Readonly<Record<string, number | null>>): number | undefined {
  const values = Object.entries(metrics).flatMap(([name, value]) => (/^dice_class\d+$/.test(name) && value !== null ? [value] : []))
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : undefined
}

function setOf(id: string, steps: readonly ShownStep[]): ShownImage['set'] {
  const split = stepsOfKind('split', steps)[0]?.value
  return split && (['train', 'validation', 'test'] as const).find(set => split[set].includes(id))
}

/** The step whose folder the index means by a number. */
export const datasetStep = ({ step }: KnownStep<'index'>, dataset: number): string | undefined => step.inputs['datasets']?.[dataset]

/** The image, its channels, and its labels, where the dataset has them. */
function inputLayers(row: Row, index: KnownStep<'index'>): readonly Layer[] {
  const step = datasetStep(index, row.dataset)
  if (step === undefined) return []
  const names = row.channels ? row.contrast.split('+') : [row.contrast]
  const images = (row.channels ?? [row.image]).map((path, c) => layer('image', names[c] ?? path, step, path))
  const labels = row.labels.flatMap((raters, c) =>
    raters.map((path, r) => {
      const name = index.value.targets[c] ?? `class ${c}`
      return layer('truth', raters.length > 1 ? `${name}, rater ${r + 1}` : name, step, path)
    }),
  )
  return [...images, ...labels]
}

const layer = (role: Role, label: string, step: string, path: string, volume = 0): Layer => ({ role, label, step, path, volume })

const maskLayers = (id: string, steps: readonly ShownStep[]): readonly Layer[] =>
  stepsOfKind('masks', steps).flatMap(({ step, value }) => perClass('mask', step.name, value.images[id]?.file, value.targets))

const predictionLayers = (id: string, steps: readonly ShownStep[]): readonly Layer[] =>
  stepsOfKind('predictions', steps).flatMap(({ step, value }) => {
    const image = value.images[id]
    const maps = Object.entries(image?.uncertainty ?? {})
    return [
      ...perClass('prediction', step.name, image?.file, value.targets),
      ...maps.flatMap(([suffix, file]) => perClass('uncertainty', step.name, file, value.targets, suffix)),
    ]
  })

/** Of several classes one layer each: they follow each other in one file. */
function perClass(role: Role, step: string, path: string | undefined, targets: readonly string[], name?: string): readonly Layer[] {
  if (path === undefined) return []
  const label = (target: string): string => (name === undefined ? target : targets.length > 1 ? `${name} ${target}` : name)
  return targets.map((target, c) => layer(role, label(target), step, path, c))
}

/** The painted volume: 1 true positive, 2 false positive, 3 false negative. */
const errorLayers = (id: string, steps: readonly ShownStep[]): readonly Layer[] =>
  stepsOfKind('metrics', steps).flatMap(({ step }) => {
    const path = `${id}_pred_TP-FP-FN.nii.gz`
    return step.artifact?.files.some(file => file.path === path) ? [layer('errors', 'found, false, missed', step.name, path)] : []
  })
