import type { Device, Engine } from '../engine.ts'
import type { Tf } from '../op.ts'
import { versionOf } from './find.ts'
import { openPredictor, openSampler } from './predictor.ts'
import { installed, loadTf } from './runtime.ts'
import { openTrainer } from './trainer.ts'

/** Networks on a TensorFlow.js, whichever; `load` gives it. */
export const tfjsEngineOn = (version: string, load: (device: Device) => Promise<Tf>): Engine => ({
  name: 'tfjs',
  version,
  trainer: async (net, weights, plan) => openTrainer(await load(plan.device), net, weights, plan),
  predictor: async (model, { device }) => openPredictor(await load(device), model),
  sampler: async (net, weights, { device }) => openSampler(await load(device), net, weights),
})

/** Networks on the native TensorFlow.js that is installed; a failure where none is. */
export const tfjsEngine = (): Engine => tfjsEngineOn(versionOf(installed()), loadTf)
