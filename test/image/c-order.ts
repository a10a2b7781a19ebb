/** Numbers in C order (last axis fastest), as golden files have them, in the order of NIfTI: first axis fastest. */
export function fromC<T extends Uint8Array | Float32Array | Int32Array>(data: T, shape: readonly number[]): T {
  const out = data.slice() as T
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1))
  const index = shape.map(() => 0)
  for (const value of data) {
    out[index.reduce((at, i, axis) => at + i * strides[axis]!, 0)] = value
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0
  }
  return out
}
