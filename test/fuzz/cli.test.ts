import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { checksum, expectMessage, Place } from '../faults/place.ts'
import { mutateHeader, mutateText } from './mutate.ts'

const place = new Place()
beforeAll(async () => {
  await place.phantom(3)
  place.pipeline()
})
afterAll(() => place.remove())

for (let round = 0; round < 6; round++)
  test(`a mutated pipeline is planned or told, round ${round}`, async () => {
    const random = new Random(1, 'cli pipeline', round)
    writeFileSync(place.at('mutated.yaml'), mutateText(readFileSync(place.at('p.yaml'), 'utf8'), random))
    const before = checksum(place.at('data'))
    const ended = await place.pipe(['plan', 'mutated.yaml'])
    expect([0, 1, 2]).toContain(ended.code)
    if (ended.code !== 0) expectMessage(ended, ended.code!)
    expect(checksum(place.at('data'))).toBe(before)
  })

for (let round = 0; round < 3; round++)
  test(`an image with a mutated header is sliced or told, round ${round}`, async () => {
    const random = new Random(1, 'cli image', round)
    const image = place.image('01')
    const kept = readFileSync(image)
    writeFileSync(image, gzipSync(mutateHeader(gunzipSync(kept), random)))
    const ended = await place.pipe(['run', 'p.yaml', '--until', 'slices'])
    writeFileSync(image, kept)
    expect([0, 1, 2]).toContain(ended.code)
    if (ended.code !== 0) expectMessage(ended, ended.code!)
  })
