import type { Entry } from '../ordered.ts'

/** How masks are cleaned up otherwise than a model's own settings say: ivadomed's options of `segment_volume`. Undefined: as the model says. */
export interface PostOptions {
  /** The threshold; negative: no threshold. */
  readonly binarizePrediction?: number | undefined
  readonly binarizeMaxpooling?: boolean | undefined
  readonly keepLargest?: boolean | undefined
  readonly fillHoles?: boolean | undefined
  /** One size for every class, in voxels or mm³. */
  readonly removeSmall?: { readonly unit: 'vox' | 'mm3'; readonly thr: readonly number[] } | undefined
}

/** The steps with the options laid over them: a step that is there keeps its place, a new one comes last. ivadomed's `set_postprocessing_options`. */
export function withOptions(entries: readonly Entry[], options: PostOptions): readonly Entry[] {
  const { binarizePrediction: thr, binarizeMaxpooling, keepLargest, fillHoles, removeSmall } = options
  const asked: readonly (Entry | { readonly name: string; readonly off: true })[] = [
    ...(thr === undefined ? [] : [{ name: 'binarize_prediction', thr }]),
    ...flag('binarize_maxpooling', binarizeMaxpooling),
    ...flag('keep_largest', keepLargest),
    ...flag('fill_holes', fillHoles),
    ...(removeSmall ? [{ name: 'remove_small', unit: removeSmall.unit, thr: [...removeSmall.thr] }] : []),
  ]
  return asked.reduce<readonly Entry[]>((steps, step) => {
    if ('off' in step) return steps.filter(({ name }) => name !== step.name)
    return steps.some(({ name }) => name === step.name) ? steps.map(s => (s.name === step.name ? step : s)) : [...steps, step]
  }, entries)
}

const flag = (name: string, on: boolean | undefined) => (on === undefined ? [] : [on ? { name } : { name, off: true as const }])
