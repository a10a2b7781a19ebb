import { modelFile } from '../../src/net/onnx/proto.ts'

/**
 * The bytes of a classifier: sigmoid((mean of the image - `limit`) / 10), in one number of shape [1, 1]; so at least 0.5 where the
 * mean is at least the limit. `each` gives one number a pixel instead, as no classifier does.
 */
export function meanClassifier(limit: number, each = false): Uint8Array {
  const constant = (name: string, value: number) => ({ name, shape: [], type: 'float32', data: Float32Array.of(value) }) as const
  const node = (type: string, inputs: readonly string[], output: string, attributes = {}) => ({
    ...{ type, domain: '', inputs, outputs: [output], attributes },
  })
  return modelFile({
    name: 'classifier',
    nodes: [
      each ? node('Identity', ['image'], 'mean') : node('ReduceMean', ['image'], 'mean', { axes: [2, 3], keepdims: 0 }),
      node('Sub', ['mean', 'limit'], 'above'),
      node('Div', ['above', 'ten'], 'scaled'),
      node('Sigmoid', ['scaled'], 'probability'),
    ],
    constants: [constant('limit', limit), constant('ten', 10)],
    inputs: [{ name: 'image', shape: ['n', 1, 'h', 'w'] }],
    outputs: [{ name: 'probability' }],
  })
}
