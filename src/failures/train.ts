import type { Sentence } from './sentence.ts'

/** Networks, training, inference. */
export const trainFailures = {
  'loss-not-finite': (f: { epoch: number; step: number; loss: string; checkpoint?: string }): Sentence => ({
    what: `the training loss became ${f.loss} at epoch ${f.epoch}, step ${f.step}`,
    facts: f.checkpoint ? [`the last good checkpoint is kept: ${f.checkpoint}`] : [],
    hint: 'lower the learning rate (scheduler.initial_lr), or look for images with extreme intensities',
  }),
} as const
