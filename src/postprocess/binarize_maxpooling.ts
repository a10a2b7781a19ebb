import { z } from 'zod'
import { defineStep } from './step.ts'

/**
 * Masks in which every voxel is of the class with the highest value, or of none where the background is: 1 minus the sum
 * of the classes. Of equal values the background wins, then the first class.
 */
export const binarizeMaxpooling = defineStep({
  summary: 'gives every voxel to the class (or background) with the highest value',
  params: z.strictObject({}),
  apply(prediction) {
    const { data, classes } = prediction
    const size = data.length / classes
    const mask = new Uint8Array(data.length)
    for (let i = 0; i < size; i++) {
      let background = 1
      for (let c = 0; c < classes; c++) background -= data[c * size + i]!
      let best = background
      let winner = -1
      for (let c = 0; c < classes; c++)
        if (data[c * size + i]! > best) {
          best = data[c * size + i]!
          winner = c
        }
      if (winner >= 0) mask[winner * size + i] = 1
    }
    return { ...prediction, data: mask }
  },
})
