import { z } from 'zod'
import { common, defineIntensity } from './transform.ts'

/** (x - mean) / std over one plane; where the plane is as good as constant (std < 1e-5), only the mean is taken away. */
export const normalizeInstance = defineIntensity({
  kind: 'intensity',
  params: z.strictObject(common(['im'])),
  apply: plane => standardise(plane),
})

/** Population standard deviation, sums in double. */
export function standardise(plane: Float32Array): Float32Array {
  let sum = 0
  for (const x of plane) sum += x
  const mean = sum / plane.length
  let squares = 0
  for (const x of plane) squares += (x - mean) ** 2
  const std = Math.sqrt(squares / plane.length)
  const divisor = std < 1e-5 ? 1 : std
  return plane.map(x => (x - mean) / divisor)
}
