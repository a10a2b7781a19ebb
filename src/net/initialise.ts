import type { Random } from '../random.ts'
import type { Net, Tensors } from './net.ts'
import { sizeOf, weightSpecs } from './shapes.ts'

/**
 * Weights to start a training from, distributed as PyTorch's: convolutions uniform within 1 / sqrt(fan in), weight and bias
 * (`kaiming_uniform_` with a = sqrt(5)); batch norm 1 and 0. Drawn in order of layers.
 */
export function initialise(net: Net, random: Random): Tensors {
  return Object.fromEntries(
    [...weightSpecs(net)].map(([name, { shape, init }]) => {
      const data = new Float32Array(sizeOf(shape))
      if (init === 'ones') data.fill(1)
      else if (init !== 'zeros') for (let i = 0; i < data.length; i++) data[i] = random.uniform(-init.uniform, init.uniform)
      return [name, { shape, data }]
    }),
  )
}
