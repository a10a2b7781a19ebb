import type { Engine } from '../engine.ts'
import { openPredictor } from './predictor.ts'
import { runtimeVersion } from './runtime.ts'
import { openSampler } from './sampler.ts'
import { openTrainer } from './trainer.ts'

/** Networks on ONNX Runtime: native kernels on the CPU, and the GPUs that its package knows. */
export const onnxEngine: Engine = {
  name: 'onnx',
  version: `onnxruntime-node ${runtimeVersion}`,
  trainer: openTrainer,
  predictor: openPredictor,
  sampler: openSampler,
}
