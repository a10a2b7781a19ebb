import { z } from 'zod'

/** The words of a `sweep:` block that give params their values. */
export const parts = ['grid', 'zip', 'list', 'choice', 'uniform', 'log_uniform', 'include', 'folds'] as const

function makeSweepShape() {
  const list = z.array(z.unknown()).min(1)
  const values = z.record(z.string(), z.unknown())
  const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'the lower bound comes first, and they differ')

  const halving = z
    .strictObject({
      step: z.string().describe('The step that trains; it is done in parts.'),
      epochs: z
        .array(z.int().min(1))
        .min(2)
        .refine(epochs => epochs.every((epoch, i) => i === 0 || epoch > epochs[i - 1]!), 'each is larger than the one before')
        .describe('The rungs: where trainings are compared; the last is where those that were never stopped end.'),
      reduction: z.int().min(2).default(3).describe('One of so many goes on from each rung to the next.'),
      metric: z.string().default('validation_loss').describe('What they are compared by: validation_loss or validation_dice.'),
    })
    .describe('Early stopping of trials, by asynchronous successive halving: most trainings end at an early rung.')

  return z
    .strictObject({
      grid: z.record(z.string(), list).optional().describe('Every combination: step.param: [values]. The first key changes slowest.'),
      zip: z.record(z.string(), list).optional().describe('Side by side: step.param: [values], lists of one length.'),
      list: z.array(values).min(1).optional().describe('Trials written one by one: a list of { step.param: value }.'),
      choice: z.record(z.string(), list).optional().describe('Drawn, samples times, from a list of values.'),
      uniform: z.record(z.string(), range).optional().describe('Drawn, samples times, evenly: step.param: [low, high].'),
      log_uniform: z
        .record(
          z.string(),
          range.refine(([low]) => low > 0, 'a logarithm wants bounds above 0'),
        )
        .optional()
        .describe('Drawn, samples times, evenly in the logarithm: step.param: [low, high].'),
      samples: z.int().min(1).max(10_000).optional().describe('How many times choice, uniform and log_uniform are drawn.'),
      seed: z.int().min(0).default(0).describe("Of the draws. The pipeline's own seed is not touched."),
      include: z.array(values).min(1).optional().describe('Trials beside the others: a list of { step.param: value }.'),
      exclude: z.array(values).min(1).optional().describe('A trial that has all the values of one of these is left out.'),
      when: z
        .record(z.string(), values)
        .optional()
        .describe('A swept param takes part only in trials with these values: step.param: { other.param: value }.'),
      repeats: z
        .union([z.int().min(2).max(1000), z.array(z.int().min(0)).min(1)])
        .optional()
        .describe("Each trial with several seeds of the pipeline: how many, from the pipeline's own on, or a list of seeds."),
      folds: z
        .record(z.string(), z.int().min(2).max(1000))
        .optional()
        .describe('Cross-validation: a split step and the number of its folds; each trial is run on every fold.'),
      halving: halving.optional(),
    })
    .superRefine((block, check) => {
      const drawn = block.choice ?? block.uniform ?? block.log_uniform
      if (drawn && block.samples === undefined)
        check.addIssue({ code: 'custom', path: ['samples'], message: 'how many times the values are drawn' })
      if (!drawn && block.samples !== undefined)
        check.addIssue({ code: 'custom', path: ['samples'], message: 'nothing is drawn: there is no choice, uniform or log_uniform' })
    })
    .describe('What `pipe sweep` varies. `pipe run` does not look at it.')
}

let made: ReturnType<typeof makeSweepShape> | undefined
/** A `sweep:` block from outside. Keys are as after `--set`: `step.param`, `vars.name`, `seed`. Made when asked for: most pipelines have none. */
export const sweepShape = (): ReturnType<typeof makeSweepShape> => (made ??= makeSweepShape())

/** A sweep in a file of its own. */
export const sweepFileShape = () =>
  z.strictObject({
    pipeline: z.string().describe('The pipeline that is swept: its file, found from the folder of this one.'),
    description: z.string().optional().describe('What the sweep is for, in your words. Changes nothing.'),
    sweep: sweepShape(),
  })
