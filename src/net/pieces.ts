import type { Predictor } from './engine.ts'
import type { Tensor } from './net.ts'
import { sizeOf } from './shapes.ts'

/** Images that evaluation takes at a time: enough to keep the cores busy, few enough to need little memory. */
export const evaluatedAtOnce = 4

/** The prediction of a batch, some images at a time. */
export async function inPieces(predictor: Pick<Predictor, 'predict'>, { shape, data }: Tensor, images: number): Promise<Tensor> {
  const [n, ...rest] = shape as [number, ...number[]]
  if (n <= images) return predictor.predict({ shape, data })
  const size = sizeOf(rest)
  let out: Float32Array | undefined
  let outShape: readonly number[] = []
  for (let from = 0; from < n; from += images) {
    const to = Math.min(from + images, n)
    const y = await predictor.predict({ shape: [to - from, ...rest], data: data.subarray(from * size, to * size) })
    outShape = [n, ...y.shape.slice(1)]
    out ??= new Float32Array(sizeOf(outShape))
    out.set(y.data, from * sizeOf(y.shape.slice(1)))
  }
  return { shape: outShape, data: out! }
}
