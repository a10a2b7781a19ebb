import { z } from 'zod'
import type { Layer, Net } from '../net.ts'
import { defineModel } from '../model.ts'

const params = z.object({
  channels: z.number().int().positive().describe('channels of an image: how many contrasts are stacked'),
  classes: z.number().int().positive().describe('classes to segment, without the background'),
  depth: z.number().int().min(1).max(8).default(3).describe('how many times the image is halved'),
  n_filters: z.number().int().positive().default(64).describe('filters of the first level; every further level has twice as many'),
  dropout_rate: z.number().min(0).lt(1).default(0.3).describe('share of channels that dropout zeroes in training, 0 to 1'),
  bn_momentum: z.number().min(0).max(1).default(0.1).describe('share of a batch in the running statistics of batch norm, 0 to 1'),
  final_activation: z.enum(['sigmoid', 'softmax', 'relu']).default('sigmoid').describe('what makes scores of the last convolution'),
})

/**
 * ivadomed's Unet in 2D (Ronneberger et al. 2015 with batch norm): blocks of twice [3x3 convolution, ReLU, batch norm, channel
 * dropout]; the bottom block keeps its width; upsampling is bilinear. Layers are named as in ivadomed's state_dict.
 * For several classes the network has one more channel, the background, which is not part of the prediction.
 */
export const unet = defineModel({
  params,
  net({ channels, classes, depth, n_filters, dropout_rate, bn_momentum, final_activation }): Net {
    const layers: Layer[] = []
    const add = (id: string, op: string, inputs: readonly string[], attrs?: Layer['attrs']): string => {
      layers.push({ id, op, inputs, ...(attrs && { attrs }) })
      return id
    }
    const block = (prefix: string, x: string, filters: number): string =>
      [1, 2].reduce((input, i) => {
        const y = add(`${prefix}.conv${i}`, 'conv', [input], { filters })
        const normal = add(`${prefix}.conv${i}_bn`, 'batchnorm', [add(`${prefix}.relu${i}`, 'relu', [y])], { momentum: bn_momentum })
        return dropout_rate > 0 ? add(`${prefix}.dropout${i}`, 'dropout', [normal], { rate: dropout_rate }) : normal
      }, x)

    const widths = Array.from({ length: depth }, (_, level) => n_filters * 2 ** level)
    const skips: string[] = []
    // ivadomed's lists hold [block, FiLM, pool] for each level on the way down, and [block, FiLM] on the way up.
    let x = 'input'
    for (const [level, filters] of widths.entries()) {
      skips.push(block(`encoder.down_path.${3 * level}`, x, filters))
      x = add(`encoder.down_path.${3 * level + 2}`, 'maxpool', [skips[level]!])
    }
    x = block('encoder.conv_bottom', x, widths.at(-1)!)
    for (const [step, level] of [...widths.keys()].reverse().entries()) {
      const prefix = `decoder.up_path.${2 * step}`
      const enlarged = add(`${prefix}.up`, 'upsample', [x, skips[level]!])
      x = block(`${prefix}.downconv`, add(`${prefix}.concat`, 'concat', [enlarged, skips[level]!]), widths[level]!)
    }
    const background = classes > 1
    x = add('decoder.last_conv', 'conv', [x], { filters: background ? classes + 1 : 1 })
    const activation = final_activation === 'relu' ? 'relu-normalised' : final_activation
    return { inputs: { input: [channels, 'h', 'w'] }, layers, output: add('prediction', activation, [x], { background }) }
  },
})
