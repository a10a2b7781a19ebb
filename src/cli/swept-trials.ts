import { isMain } from '../compare/direction.ts'
import type { SweptTrials } from '../pages/sweep-page.ts'
import { bare, columnsOf, goodness, keysOf, meansOfTrial, valueWords, type Ranked } from './sweep-table.ts'

/** What `sweep.html` tells: metrics that have a better and a worse, and the one that is ranked by. */
export const sweptTrials = (name: string, { by, trials }: Ranked): SweptTrials => ({
  ...{ name, by, params: keysOf(trials) },
  columns: columnsOf(trials).filter(column => column === by || isMain(bare(column))),
  goodness: mean => (by === undefined ? 0 : goodness(mean, by)),
  trials: trials.map(trial => ({
    ...{ trial: trial.trial, run: trial.run ?? '–', state: trial.state, means: meansOfTrial(trial) },
    values: Object.fromEntries(
      Object.entries(trial.values).map(([key, value]) => [key, typeof value === 'number' ? value : valueWords(value)]),
    ),
  })),
})
