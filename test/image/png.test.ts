import assert from 'node:assert/strict'
import { inflateSync } from 'node:zlib'
import { test } from 'vitest'
import { beside, enlarge, pictureOf } from '../../src/image/picture.ts'
import { crc32, encodePng } from '../../src/image/png.ts'
import { decodePng } from './png.ts'

test('the checksum is that of the standard', () => {
  // The check value of CRC-32 (ISO-HDLC), and the checksum at the end of every PNG file.
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926)
  assert.equal(crc32(Buffer.from('IEND')), 0xae426082)
})

test('a picture is a PNG of 8 grey bits with its size, and every chunk has its checksum', () => {
  const bytes = encodePng({ height: 2, width: 3, pixels: Uint8Array.of(0, 128, 255, 1, 2, 3) })
  assert.deepEqual([...bytes.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10])
  const names: string[] = []
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    names.push(bytes.toString('latin1', at + 4, at + 8))
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(bytes.subarray(at + 4, at + 8 + length)))
    if (names.at(-1) === 'IHDR') assert.deepEqual([...bytes.subarray(at + 8, at + 21)], [0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0])
    if (names.at(-1) === 'IDAT') assert.deepEqual([...inflateSync(bytes.subarray(at + 8, at + 8 + length))], [0, 0, 128, 255, 0, 1, 2, 3])
    at += length + 12
  }
  assert.deepEqual(names, ['IHDR', 'IDAT', 'IEND'])
})

test('a slice goes from black to white, with the front of the body or the head up', () => {
  // Height 2, width 3. Axial: height is to the right, width to the front.
  const plane = Float32Array.of(0, 1, 2, 3, 4, 5)
  const levels = (values: number[]) => values.map(v => Math.round(v * 51))
  assert.deepEqual(pictureOf(plane, [2, 3], 'axial'), { height: 3, width: 2, pixels: Uint8Array.from(levels([2, 5, 1, 4, 0, 3])) })
  // Height is up.
  const upright = { height: 2, width: 3, pixels: Uint8Array.from(levels([3, 4, 5, 0, 1, 2])) }
  assert.deepEqual(pictureOf(plane, [2, 3], 'coronal'), upright)
  assert.deepEqual(pictureOf(plane, [2, 3], 'sagittal'), upright)
  assert.deepEqual([...pictureOf(new Float32Array(4).fill(7), [2, 2], 'axial').pixels], [0, 0, 0, 0])
  // A range of its own cuts what is beyond it.
  assert.deepEqual([...pictureOf(plane, [2, 3], 'coronal', [1, 2]).pixels], [255, 255, 255, 0, 0, 255])
})

test('pictures are enlarged and set side by side', () => {
  const left = { height: 1, width: 2, pixels: Uint8Array.of(1, 2) }
  const big = enlarge(left, 2)
  assert.deepEqual(big, { height: 2, width: 4, pixels: Uint8Array.of(1, 1, 2, 2, 1, 1, 2, 2) })
  assert.deepEqual(beside(left, big, 1), { height: 2, width: 7, pixels: Uint8Array.of(1, 2, 255, 1, 1, 2, 2, 0, 0, 255, 1, 1, 2, 2) })
  assert.deepEqual(decodePng(encodePng(big)), big)
})

test('with a palette a PNG has its colours, before its pixels', () => {
  const bytes = encodePng({ height: 1, width: 2, pixels: Uint8Array.of(1, 0) }, Uint8Array.of(1, 2, 3, 250, 251, 252))
  assert.deepEqual([...bytes.subarray(24, 29)], [8, 3, 0, 0, 0])
  assert.deepEqual([bytes.toString('latin1', 37, 41), [...bytes.subarray(41, 47)]], ['PLTE', [1, 2, 3, 250, 251, 252]])
})
