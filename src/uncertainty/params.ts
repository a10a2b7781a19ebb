import { z } from 'zod'

/** How uncertainty is asked for: ivadomed's `uncertainty`, and a seed. */
export const uncertaintyParams = z
  .strictObject({
    epistemic: z.boolean().default(false).describe('dropout stays on, and drops other channels in every sample (Monte-Carlo dropout)'),
    aleatoric: z
      .boolean()
      .default(false)
      .describe(
        'every sample is predicted from a new random draw of the training transforms, undone on the prediction (test-time augmentation)',
      ),
    n_it: z
      .int()
      .min(0)
      .max(1000)
      .refine(n => n !== 1, 'one sample says nothing of uncertainty: at least 2, or 0 for none')
      .default(0)
      .describe('how many samples are predicted of each image, beside the prediction itself; 0: none'),
    seed: z.int().min(0).default(0).describe('decides what is drawn: the same seed, the same samples'),
  })
  .superRefine(({ epistemic, aleatoric, n_it }, context) => {
    const on = epistemic || aleatoric
    if (on && n_it === 0)
      context.addIssue({ code: 'custom', path: ['n_it'], message: 'is 0, so there would be no samples: at least 2, such as 20' })
    if (!on && n_it > 0)
      context.addIssue({ code: 'custom', path: ['n_it'], message: 'has no effect where neither epistemic nor aleatoric is true' })
  })
export type UncertaintyParams = z.infer<typeof uncertaintyParams>
