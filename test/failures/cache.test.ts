import { expect } from 'vitest'
import { cacheFailures } from '../../src/failures/cache.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(cacheFailures)

example({ kind: 'no-cache', path: '/home/u/cache' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  there is no cache at /home/u/cache
      name it with --cache, or run a pipeline first
  "
`),
)
example({ kind: 'nothing-to-pin', run: 'unet/20261126-070036-ab12cd', cache: '/home/u/cache' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no result of the run unet/20261126-070036-ab12cd lies in this cache
      the cache: /home/u/cache
      name the cache of the run with --cache, or run it again
  "
`),
)
example({ kind: 'not-pinned', run: 'unet/x', pinned: ['unet/20261126-070036-ab12cd'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  unet/x is not pinned
      pinned: unet/20261126-070036-ab12cd
      write it as pipe cache du shows it
  "
`),
)
example({ kind: 'not-pinned', run: 'unet/x', pinned: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  unet/x is not pinned
      nothing is
      write it as pipe cache du shows it
  "
`),
)

complete()
