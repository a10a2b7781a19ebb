import type { InferenceSession, Tensor } from 'onnxruntime-web'

/** What of ONNX Runtime is used: the same in Node and in a browser. */
export interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array): Promise<InferenceSession> }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor
}

/**
 * What somebody without this project writes to use a packaged model whose JSON asks for `NormalizeInstance` of axial slices: soft
 * values of a `.nii.gz` (RAS, int16 or float32) in the order of the file. Nothing of ours is used, so that it can be compared.
 */
export async function segmentPlainly(ort: Runtime, model: Uint8Array<ArrayBuffer>, image: Uint8Array<ArrayBuffer>): Promise<Float32Array> {
  const inflated = new Blob([image]).stream().pipeThrough(new DecompressionStream('gzip'))
  const file = new DataView(await new Response(inflated).arrayBuffer())
  const [nx, ny, nz] = [42, 44, 46].map(at => file.getInt16(at, true)) as [number, number, number]
  const [type, offset, slope, intercept] = [file.getInt16(70, true), ...[108, 112, 116].map(at => file.getFloat32(at, true))]
  const voxel = (n: number): number => {
    const stored = type === 16 ? file.getFloat32(offset! + 4 * n, true) : file.getInt16(offset! + 2 * n, true)
    return slope ? stored * slope + intercept! : stored
  }
  // The network's rows are x and its columns y: [slices, 1, x, y].
  const placeOf = (x: number, y: number, z: number): number => (z * nx + x) * ny + y
  const area = nx * ny
  const input = new Float32Array(area * nz)
  for (let z = 0; z < nz; z++) {
    const values = Array.from({ length: area }, (_, i) => voxel(z * area + i))
    const mean = values.reduce((a, b) => a + b, 0) / area
    const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / area)
    values.forEach((v, i) => (input[placeOf(i % nx, Math.floor(i / nx), z)] = (v - mean) / deviation))
  }
  const session = await ort.InferenceSession.create(model)
  const { output } = await session.run({ input: new ort.Tensor('float32', input, [nz, 1, nx, ny]) })
  const y = output!.data as Float32Array
  await session.release()
  return Float32Array.from({ length: area * nz }, (_, i) => y[placeOf(i % nx, Math.floor(i / nx) % ny, Math.floor(i / area))]!)
}
