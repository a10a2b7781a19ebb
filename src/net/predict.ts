import { Random } from '../random.ts'
import { draw, isSpatial, undoChain, type Chain } from '../transforms/chain.ts'
import type { Planes, UndoRecord } from '../transforms/transform.ts'
import type { Predictor } from './engine.ts'
import { RowReader } from './samples.ts'
import type { Tensor } from './net.ts'
import { stack } from './stack.ts'

/** One image to predict: its packed samples, and what was done to them. */
export interface ImageToPredict {
  readonly id: string
  /** A .npy file, float32 [S, C, H, W]; or all of it in memory, planes of slice after slice. */
  readonly image: string | Planes
  /** Which slice of the volume each row is. */
  readonly slices: readonly number[]
  /** What testing does at every draw (`testingChain`). */
  readonly chain: Chain
  /** What was done once, to be undone on the prediction. */
  readonly undo: readonly UndoRecord[]
  readonly seed: number
}

/**
 * What a network says of x [N, C, H, W]: [N, K, H, W]. `keys` tell which is which, for what is drawn by chance: of each its slice, and of
 * a patch its place as well.
 */
export type Answer = (x: Tensor, keys: readonly (readonly number[])[]) => Promise<Tensor>

/** How slices are predicted: in one go (`plainWay`), in patches (`patchWay`), or as one of several samples (`sampleWay`). */
export interface Way {
  /** About how many pixels of slices are predicted at a time; one slice at least. */
  readonly pixelsAtOnce: number
  /** What the network sees of a slice of the volume, and the way back for what it says of it, if that lies elsewhere. */
  draw(planes: Planes, slice: number): { readonly image: Planes; readonly undo?: (prediction: Planes) => Planes }
  /** What is predicted of x [N, C, H, W]: [N, K, H, W]. `slices`: which of the volume they are. `answer`: in the place of the predictor. */
  predict(x: Tensor, slices: readonly number[], answer?: Answer): Promise<Tensor>
}

/** As testing does: the same at every time. */
export const plainWay = ({ id, chain, seed }: ImageToPredict, predictor: Predictor): Way => ({
  draw(planes, slice) {
    return { image: draw(chain, { image: planes, spacing: [1, 1] }, 'testing', new Random(seed, 'infer', id, slice)).image }
  },
  pixelsAtOnce: predictor.pixelsAtOnce,
  predict: (x, slices, answer) =>
    answer
      ? answer(
          x,
          slices.map(slice => [slice]),
        )
      : predictor.predict(x),
})

/**
 * The part of a chain that is done when predicting. Transforms that move the image at random are left out: the prediction would
 * lie where the image was moved to.
 */
export function testingChain(chain: Chain): { readonly chain: Chain; readonly leftOut: readonly string[] } {
  const forTesting = chain.filter(entry => (entry['dataset_type'] as readonly string[]).includes('testing'))
  return { chain: forTesting.filter(entry => !isSpatial(entry)), leftOut: forTesting.filter(isSpatial).map(entry => entry.name) }
}

/**
 * Soft predictions of every slice of an image, on the grid before the preprocessing: [S, K, H, W], values 0 to 1. `said` hears how
 * many slices are done.
 */
export async function predictImage(
  image: ImageToPredict,
  way: Way,
  classes: number,
  grid: readonly [height: number, width: number],
  said: (done: number) => void = () => undefined,
): Promise<Float32Array> {
  const size = classes * grid[0] * grid[1]
  const predictions = new Float32Array(image.slices.length * size)
  let done = 0
  while (done < image.slices.length) {
    const { x, undos } = await nextBatch(image, way, done)
    const prediction = await way.predict(x, image.slices.slice(done, done + undos.length))
    const planes = moveBack(asPlanes(prediction, classes, image.id), undos)
    const undone = undoChain(image.undo, planes, { first: done, count: undos.length })
    if (undone.shape[1] !== grid[0] || undone.shape[2] !== grid[1])
      throw new Error(`${image.id}: undoing the preprocessing gives ${undone.shape[1]} x ${undone.shape[2]}, not ${grid.join(' x ')}`)
    predictions.set(undone.data, done * size)
    done += undos.length
    said(done)
  }
  return predictions
}

/** Slices from row `first` on, as many as fit, as the network sees them, and of each the way back. */
async function nextBatch({ id, image, slices }: ImageToPredict, way: Way, first: number) {
  const reader = new RowReader()
  const read = (row: number) => (typeof image === 'string' ? reader.read(image, row) : planesOfRow(image, row, slices.length))
  const drawn: ReturnType<Way['draw']>[] = []
  for (let row = first; row < slices.length; row++) {
    const planes = await read(row)
    drawn.push(way.draw(planes, slices[row]!))
    if ((drawn.length + 1) * planes.shape[1] * planes.shape[2] > way.pixelsAtOnce) break
  }
  const x = stack(
    drawn.map(d => d.image),
    drawn.map(() => id),
  )
  return { x, undos: drawn.map(d => d.undo) }
}

/** The planes of one of `rows` slices that are packed together. */
function planesOfRow({ shape: [count, height, width], data }: Planes, row: number, rows: number): Planes {
  const channels = count / rows
  const size = channels * height * width
  return { shape: [channels, height, width], data: data.subarray(row * size, (row + 1) * size) }
}

/** Brings the planes of each slice back to where the slice was. */
function moveBack({ shape, data }: Planes, undos: readonly (((prediction: Planes) => Planes) | undefined)[]): Planes {
  const [count, height, width] = shape
  const each = count / undos.length
  const size = each * height * width
  undos.forEach((undo, i) => {
    if (!undo) return
    const there = data.subarray(i * size, (i + 1) * size)
    there.set(undo({ shape: [each, height, width], data: there }).data)
  })
  return { shape, data }
}

/** [N, K, H, W] as N times K planes. */
function asPlanes({ shape, data }: Tensor, classes: number, id: string): Planes {
  const [count, planes, height, width] = shape as readonly [number, number, number, number]
  if (planes !== classes) throw new Error(`${id}: the model predicts ${planes} classes, and ${classes} are expected`)
  return { shape: [count * planes, height, width], data }
}
