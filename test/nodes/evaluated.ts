import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import infer from '../../nodes/infer.ts'
import { phantom, runChain } from './chain.ts'
import { artifactIn, runEach } from './each.ts'

/** Whether maps of uncertainty are made, and of how many samples. */
export interface EvaluatedOptions {
  readonly n_it?: number
}

/** What a report is made of: two contrasts of four phantoms, a small network trained on half of them, and its results on the test part. */
export async function evaluated(home: string, { n_it = 0 }: EvaluatedOptions = {}) {
  const data = await phantom(home, 'phantom', { subjects: 4, contrasts: ['T1w', 'T2w'] })
  const chain = await runChain(home, [data], {
    index: { contrasts: ['T1w', 'T2w'] },
    model: { training_time: { num_epochs: 12 }, scheduler: { initial_lr: 0.05 }, network: { name: 'Unet', depth: 2, n_filters: 4 } },
  })
  const artifact = <T>(kind: string, step: string, value: T) => artifactIn(kind, chain.dir(step), value)
  const samples = join(home, 'samples')
  await mkdir(samples, { recursive: true })
  const inputs = { model: chain.trained, tensors: chain.packed, split: chain.divided }
  const drawn = n_it > 0 ? await runEach(infer, samples, { uncertainty: { epistemic: true, n_it } }, inputs) : undefined
  return {
    metrics: artifact('metrics', 'metrics', chain.metrics),
    masks: artifact('masks', 'masks', chain.masks),
    predictions: drawn ? artifactIn('predictions', samples, drawn.document) : artifact('predictions', 'predictions', chain.predictions),
    index: artifactIn('index', join(chain.dir('index'), 'out'), chain.index),
    datasets: [data],
    model: chain.trained,
    split: chain.divided,
    threshold: undefined,
  }
}
