import { decode } from 'fast-png'
import { expect, test } from 'vitest'
import { crc32c } from '../../src/tensorboard/crc32c.ts'
import { curveEvents } from '../../src/tensorboard/curves.ts'
import { eventsOf } from '../../src/tensorboard/events.ts'
import { eventsIn, recordsOf } from './read-events.ts'

test('the checksum is that of RFC 3720, appendix B.4', () => {
  const bytes = (of: (i: number) => number) => Uint8Array.from({ length: 32 }, (_, i) => of(i))
  const hex = (data: Uint8Array) => crc32c(data).toString(16)
  expect(hex(bytes(() => 0))).toBe('8a9136aa')
  expect(hex(bytes(() => 0xff))).toBe('62a8ab43')
  expect(hex(bytes(i => i))).toBe('46dd794e')
  expect(hex(bytes(i => 31 - i))).toBe('113fdb5c')
  expect(hex(Buffer.from('123456789'))).toBe('e3069283')
})

test('a file begins as those of TensorFlow do, and its records read back with their checksums', () => {
  const png = Buffer.from('no real one')
  const file = eventsOf([
    { step: 1, scalars: { loss: 0.25 } },
    { step: 300, scalars: { loss: -1.5, rate: 0.005 }, pictures: { slice: { height: 200, width: 3, channels: 3, png } } },
  ])
  // The first 12 bytes of every file of events that TensorFlow writes: a record of 24 bytes, and the masked checksum of that number.
  expect(file.subarray(0, 12).toString('hex')).toBe('1800000000000000a37f4b22')
  const [first, one, two, ...more] = eventsIn(file)
  expect(more).toEqual([])
  expect(first).toMatchObject({ wallTime: 0, version: 'brain.Event:2', scalars: {} })
  expect(one).toMatchObject({ wallTime: 1, step: 1, scalars: { loss: 0.25 } })
  expect(two).toMatchObject({ wallTime: 300, step: 300, scalars: { loss: -1.5, rate: Math.fround(0.005) } })
  expect([...two!.images['slice']!]).toEqual([
    [1, [200]],
    [2, [3]],
    [3, [3]],
    [4, [png]],
  ])
  for (const at of [0, 9, 14, file.length - 1]) {
    const hurt = Buffer.from(file)
    hurt[at]! ^= 4
    expect(() => recordsOf(hurt)).toThrow()
  }
})

test('a training is two runs with one tag for both losses; what is undefined has no value', () => {
  const epoch = { epoch: 1, trainLoss: -0.5, validationLoss: -0.25, validationDice: null, validationDiceGlobal: 0.5, learningRate: 0.125 }
  const { train, validation } = curveEvents([epoch, { ...epoch, epoch: 2, validationDice: 0.75 }])
  expect(eventsIn(train).map(e => e.scalars)).toEqual([{}, ...[1, 2].map(() => ({ loss: -0.5, learning_rate: 0.125 }))])
  expect(eventsIn(validation).map(e => [e.step, e.scalars])).toEqual([
    [0, {}],
    [1, { loss: -0.25, dice_all_slices: 0.5 }],
    [2, { loss: -0.25, dice: 0.75, dice_all_slices: 0.5 }],
  ])
})

test('slices that were watched are pictures of the validation run: input and truth once, the prediction in each of their epochs', () => {
  const epoch = { epoch: 1, trainLoss: -0.5, validationLoss: -0.25, validationDice: null, validationDiceGlobal: 0.5, learningRate: 0.125 }
  const curves = [1, 2, 3].map(e => ({ ...epoch, epoch: e }))
  const bytes = (...values: number[]) => Uint8Array.from(values)
  const late = { height: 1, width: 3, image: bytes(0, 100, 255), truth: bytes(0, 255, 0), predictions: [bytes(1, 2, 3), bytes(4, 5, 6)] }
  const first = { ...late, predictions: [bytes(7, 8, 9)] }
  const films = [
    { name: 'sub-01_slice4', firstEpoch: 2, film: late },
    { name: 'sub-02_slice0', firstEpoch: 1, film: first },
  ]
  const { train, validation } = curveEvents(curves, films)
  expect(train.equals(curveEvents(curves).train)).toBe(true)
  const shown = eventsIn(validation).map(({ step, scalars, images }) => {
    const pictures = Object.entries(images).map(([tag, picture]) => {
      const { width, height, channels, depth, data } = decode(picture.get(4)![0] as Buffer)
      expect([1, 2, 3].map(field => picture.get(field)![0])).toEqual([height, width, channels])
      expect([width, height, channels, depth]).toEqual([3, 1, 1, 8])
      return [tag, ...data]
    })
    return [step, Object.keys(scalars).length, ...pictures]
  })
  expect(shown).toEqual([
    [0, 0],
    [1, 2, ['sub-02_slice0/input', 0, 100, 255], ['sub-02_slice0/truth', 0, 255, 0], ['sub-02_slice0/prediction', 7, 8, 9]],
    [2, 2, ['sub-01_slice4/input', 0, 100, 255], ['sub-01_slice4/truth', 0, 255, 0], ['sub-01_slice4/prediction', 1, 2, 3]],
    [3, 2, ['sub-01_slice4/prediction', 4, 5, 6]],
  ])
})
