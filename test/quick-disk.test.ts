import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { QuickDisk } from '../src/quick-disk.ts'

const dir = mkdtempSync(join(tmpdir(), 'quick-'))
const file = join(dir, 'a.txt')
writeFileSync(file, 'words')
afterAll(() => rmSync(dir, { recursive: true }))

for (const [disk, patience] of [
  ['answers at once', Infinity],
  ['lets one wait', -1],
] as const)
  test(`a disk that ${disk} gives the same texts, sizes and absences`, async () => {
    const quick = new QuickDisk(patience)
    for (let k = 0; k < 40; k++) {
      expect(await quick.read(file)).toBe('words')
      expect((await quick.stat(file))?.size).toBe(5n)
      for (const absent of [join(dir, 'b.txt'), join(file, 'below')])
        expect([await quick.read(absent), await quick.stat(absent)]).toEqual([undefined, undefined])
      await expect(quick.read(dir)).rejects.toThrow('EISDIR')
    }
  })
