import { Random } from '../random.ts'
import { draw, runOnce, splitChain, type Chain } from './chain.ts'
import { transforms } from './index.ts'
import type { Planes, Sample } from './transform.ts'

/** What a chain has made of a slice as far as one of its transforms. */
export interface Stage {
  /** The transforms so far: `Resample_CenterCrop`. */
  readonly name: string
  readonly image: Planes
}

/**
 * A slice after each transform of training, and all before it, as ivadomed's `visualize_transforms`. Each draws the same random
 * numbers in all stages, so that a stage differs from the one before by its last transform.
 */
export function stagesOf(chain: Chain, sample: Sample, seed: number): readonly Stage[] {
  const done = chain.filter(({ name, dataset_type }) => isShown(name) && (dataset_type as readonly string[]).includes('training'))
  return done.map((_, last) => {
    const steps = done.slice(0, last + 1)
    const { once, draw: atDraw } = splitChain(steps)
    const random = new Random(seed, 'show', ...(sample.from?.slices ?? []))
    return { name: steps.map(step => step.name).join('_'), image: draw(atDraw, runOnce(once, sample).sample, 'training', random).image }
  })
}

const isShown = (name: string): boolean => transforms[name as keyof typeof transforms].kind !== 'ignored'
