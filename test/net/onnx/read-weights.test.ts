import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { initialise } from '../../../src/net/initialise.ts'
import { models } from '../../../src/net/models/index.ts'
import { exportModel } from '../../../src/net/onnx/export.ts'
import { readWeights } from '../../../src/net/onnx/read-weights.ts'
import { Random } from '../../../src/random.ts'
import { shared, sharedTest } from '../../golden.ts'

const net = models.Unet.net(models.Unet.params.parse({ channels: 2, classes: 2, depth: 2, n_filters: 4 }))
const weights = initialise(net, new Random(1, 'weights'))
const file = exportModel(net, weights, { voxelpipe: '{}' })

test('the weights of an exported model come back, bit by bit, under their names', () => {
  // As it comes from a file: within a larger buffer.
  const found = readWeights(Buffer.concat([Buffer.alloc(8), file]).subarray(8))
  for (const [name, tensor] of Object.entries(weights)) assert.deepEqual(found[name], tensor, name)
})

sharedTest('golden/e2e/my_model.onnx', 'the weights of a model that PyTorch wrote are read too', () => {
  const found = readWeights(readFileSync(join(shared, 'golden/e2e/my_model.onnx')))
  const large = Object.values(found).filter(t => t.shape.length === 4)
  assert.ok(large.length >= 9)
  for (const { shape, data } of large) {
    assert.equal(
      data.length,
      shape.reduce((a, b) => a * b, 1),
    )
    assert.ok(data.every(v => Number.isFinite(v)) && data.some(v => v !== 0))
  }
})

/** A field of bytes. */
const field = (number: number, ...bytes: number[]): number[] => [number * 8 + 2, bytes.length, ...bytes]
const model = (...tensor: number[]): Uint8Array => Uint8Array.from(field(7, ...field(5, ...tensor)))
const one = [0, 0, 0x80, 0x3f]

test('sizes may be packed, and numbers a list of floats; what is not float32 is left out', () => {
  const packed = model(...field(1, 1, 2), 16, 1, ...field(8, 97), ...field(4, ...one, ...one))
  assert.deepEqual(readWeights(packed), { a: { shape: [1, 2], data: Float32Array.of(1, 1) } })
  assert.deepEqual(readWeights(model(8, 1, 16, 7, ...field(8, 97), ...field(9, ...one, ...one))), {})
})

test('what is no model says why', () => {
  const refused = (bytes: Uint8Array, why: RegExp) => {
    assert.throws(() => readWeights(bytes), why)
  }
  refused(new Uint8Array(), /it holds no graph/)
  refused(new TextEncoder().encode('PK\u0003\u0004 a PyTorch file'), /not made of fields|cut short/)
  for (const length of [file.length - 1, file.length >> 1, 40]) refused(file.subarray(0, length), /cut short/)
  refused(model(8, 2, 16, 1, ...field(8, 97), ...field(9, ...one)), /"a" is \[2\], and holds 4 bytes/)
  refused(model(8, 1, 16, 1, ...field(8, 97), ...field(13)), /its weights are in another file/)
})
