import { z } from 'zod'

/** `low + (high - low) (1 + cos(pi t)) / 2`: from `high` at t = 0 to `low` at t = 1. */
export const cosine = (high: number, low: number, t: number): number => low + ((high - low) * (1 + Math.cos(Math.PI * t))) / 2

/** ivadomed merges these two into every scheduler's settings, where only CyclicLR reads them (its defect 4). */
export const unusedLimits = {
  base_lr: z.number().optional().describe('accepted and without effect, as in ivadomed: only CyclicLR reads it'),
  max_lr: z.number().optional().describe('accepted and without effect, as in ivadomed: only CyclicLR reads it'),
}

/** Which of the two were given. */
export const givenLimits = (params: { readonly base_lr?: number | undefined; readonly max_lr?: number | undefined }): readonly string[] =>
  (['base_lr', 'max_lr'] as const).filter(key => params[key] !== undefined)
