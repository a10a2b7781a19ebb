import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import train from '../../nodes/train.ts'
import { readFilm } from '../../src/qc/film.ts'
import { readGif } from '../image/read-gif.ts'
import { artifactIn, withFolder } from './each.ts'
import { run, settings } from './training.ts'

const watched = { ...settings, training_time: { num_epochs: 4 }, n_gif: 2 }
const filesBelow = (dir: string) => readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()
/** Ends a training after some epochs, as a kill does. */
function killedAfter(epoch: number) {
  const control = new AbortController()
  return {
    signal: control.signal,
    progress: (p: { unit: string; done: number }) => {
      if (p.unit === 'epoch' && p.done === epoch) control.abort()
    },
  }
}

test(
  'n_gif shows validation slices over the epochs, to the same bytes when killed on the way, and the weights are as without',
  () =>
    withFolder(async dir => {
      const plain = await run(dir, 'plain', { settings: { ...watched, n_gif: 0 } })
      const whole = await run(dir, 'whole', { settings: watched })
      for (const file of plain.files) assert.deepEqual(whole.read(file), plain.read(file), file)
      assert.deepEqual([plain.document.gifs, plain.files.includes('gifs')], [undefined, false])
      const { gifs, ...rest } = whole.document
      assert.deepEqual(rest, plain.document)

      assert.equal(gifs!.length, 2)
      for (const { image, slice, file, planes, firstEpoch } of gifs!) {
        assert.deepEqual([image, file, planes, firstEpoch], ['sub-03', `gifs/sub-03_slice${slice}.gif`, `gifs/sub-03_slice${slice}.npy`, 1])
        const gif = readGif(whole.read(file))
        assert.deepEqual([gif.frames.length, gif.width, gif.height], [4, 256, 256])
        const film = await readFilm(join(dir, 'whole', planes))
        assert.deepEqual([film.height, film.width, film.predictions.length], [16, 16, 4])
        assert.deepEqual([...new Set(film.truth)].sort(), [0, 255])
        assert.equal(new Set(film.predictions.map(p => Buffer.from(p).toString('hex'))).size, 4)
      }

      await assert.rejects(run(dir, 'again', { settings: watched, job: killedAfter(2) }), /abort/)
      const again = await run(dir, 'again', { settings: watched })
      assert.ok(again.lines.includes('info: Going on from the checkpoint of epoch 2.'))
      assert.deepEqual(again.document, whole.document)
      for (const file of filesBelow(join(dir, 'whole', 'gifs')))
        assert.deepEqual(again.read(`gifs/${file}`), whole.read(`gifs/${file}`), file)

      // The pictures of an epoch are damaged, with its checkpoint still there.
      await assert.rejects(run(dir, 'hurt', { settings: watched, job: killedAfter(3) }), /abort/)
      writeFileSync(join(dir, 'scratch', 'hurt', 'watched', 'epoch-000002.planes'), 'PK')
      const anew = await run(dir, 'hurt', { settings: watched })
      assert.ok(anew.lines.some(line => line.startsWith('warn: some pictures of the epochs so far are lost or damaged')))
      assert.deepEqual(anew.document, whole.document)
      for (const file of plain.files) assert.deepEqual(anew.read(file), whole.read(file), file)
      for (const { file } of gifs!) assert.deepEqual(anew.read(file), whole.read(file), file)
    }),
  240_000,
)

test(
  'the last part of a training in parts shows all epochs; where the part before watched nothing, its own',
  () =>
    withFolder(async dir => {
      const until = (epoch: number, n_gif: number) => ({ ...watched, n_gif, training_time: { num_epochs: 4, until_epoch: epoch } })
      const whole = await run(dir, 'whole', { settings: until(4, 2) })
      const first = await run(dir, 'first', { settings: until(2, 2) })
      const resume = artifactIn('model', join(dir, 'first'), first.document)
      const second = await run(dir, 'second', { settings: until(4, 2), resume })
      assert.deepEqual(second.document, whole.document)
      for (const { file, planes } of whole.document.gifs!)
        for (const path of [file, planes]) assert.deepEqual(second.read(path), whole.read(path), path)

      const unwatched = await run(dir, 'unwatched', { settings: until(2, 0) })
      const own = await run(dir, 'own', { settings: until(4, 9), resume: artifactIn('model', join(dir, 'unwatched'), unwatched.document) })
      assert.ok(own.lines.includes('warn: n_gif: the validation set has 4 slices, and all are shown.'))
      assert.deepEqual(
        own.document.gifs!.map(gif => [gif.slice, gif.firstEpoch]),
        [0, 1, 2, 3].map(slice => [slice, 3]),
      )
      for (const { file } of own.document.gifs!) assert.equal(readGif(own.read(file)).frames.length, 2)
    }),
  240_000,
)

test('trainings from before there was n_gif are still known', () => {
  const meaning = (n_gif: number) => JSON.stringify(train.meaning!(train.params.parse({ n_gif })))
  assert.doesNotMatch(meaning(0), /gif/)
  assert.match(meaning(3), /"n_gif":3/)
})
