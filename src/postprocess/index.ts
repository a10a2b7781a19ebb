import { ordered, type Entry } from '../ordered.ts'
import { keepFrom } from '../image/morphology.ts'
import { binarizeMaxpooling } from './binarize_maxpooling.ts'
import { binarizePrediction } from './binarize_prediction.ts'
import { fillHolesStep } from './fill_holes.ts'
import { keepLargestStep } from './keep_largest.ts'
import { removeNoise } from './remove_noise.ts'
import { removeSmallStep } from './remove_small.ts'
import type { Prediction, Step } from './step.ts'
import { mapOf, uncertainty } from './uncertainty.ts'

export type { Prediction, Step } from './step.ts'

/** Every step of postprocessing, under the name that pipelines know it by. */
export const steps: Readonly<Record<string, Step>> = {
  binarize_prediction: binarizePrediction,
  binarize_maxpooling: binarizeMaxpooling,
  keep_largest: keepLargestStep,
  fill_holes: fillHolesStep,
  remove_noise: removeNoise,
  remove_small: removeSmallStep,
  uncertainty,
  // The name of the step in ivadomed's documentation; its code knows only the other.
  threshold_uncertainty: uncertainty,
}

/** Steps and their settings as a mapping whose order is the order of work. */
export const postprocessSchema = ordered(Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.params])))

/** The maps of uncertainty that the steps ask for, by name. */
export function mapsNeeded(entries: readonly Entry[]): readonly string[] {
  const asking = entries.filter(({ name, thr }) => steps[name] === uncertainty && (thr as number) >= 0)
  return [...new Set(asking.map(({ suffix }) => mapOf(suffix as string)))]
}

/** The steps with another threshold for `binarize_prediction`: one that was searched for. Undefined where it is not among them. */
export function withThreshold(entries: readonly Entry[], thr: number): readonly Entry[] | undefined {
  const isBinarizing = ({ name }: Entry): boolean => steps[name] === binarizePrediction
  if (!entries.some(isBinarizing)) return undefined
  return entries.map(entry => (isBinarizing(entry) ? { ...entry, thr } : entry))
}

/** The prediction after the steps, in their order. */
export function applySteps(prediction: Prediction, entries: readonly Entry[]): Prediction {
  return entries.reduce((current, { name, ...params }) => {
    const step = steps[name]
    if (!step) throw new Error(`no postprocessing step is called "${name}"`)
    return step.run(current, params)
  }, prediction)
}

/** The float32 number after 0.01: values up to 0.01 are taken for noise of the network. */
const clear = Math.fround(0.010000001)

/** The prediction without its faint values, of at most 0.01: what ivadomed does to every prediction before the steps. */
export const dropFaint = (prediction: Prediction): Prediction => ({ ...prediction, data: keepFrom(prediction.data, clear) })
