import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeNpy } from '../../src/npy.ts'
import { Random } from '../../src/random.ts'
import type { SampleRef } from '../../src/net/samples.ts'

/** A folder for one test. */
export const inFolder =
  (body: (dir: string) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'voxelpipe-test-'))
    try {
      await body(dir)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  }

/** An image of noisy squares on [rows, 1, size, size], packed as the `transform` node packs it, and its samples. */
export async function packedImage(dir: string, id: string, rows: number, size = 8): Promise<readonly SampleRef[]> {
  const random = new Random(7, 'test', id)
  const label = new Float32Array(rows * size * size)
  for (let row = 0; row < rows; row++)
    for (let y = 2; y < size - 2; y++) for (let x = 2; x < size - 2; x++) label[(row * size + y) * size + x] = 1
  const image = label.map(v => v + random.normal(0, 0.3))
  const paths = { image: join(dir, `${id}_image.npy`), label: join(dir, `${id}_label.npy`) }
  await writeNpy(paths.image, 'float32', [rows, 1, size, size], image)
  await writeNpy(paths.label, 'float32', [rows, 1, size, size], label)
  return Array.from({ length: rows }, (_, row) => ({ id, slice: row + 3, row, ...paths }))
}
