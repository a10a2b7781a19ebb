import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import { encodePng } from '../../src/image/png.ts'
import { pictureVolume } from '../../src/view/picture-volume.ts'
import type { ShownStep } from '../../src/view/run-folder.ts'

test('pictures of a dataset are shown as volumes on the grid of their masks, and nothing else of it is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'picture-volume-'))
  try {
    const row = {
      ...{ id: 'a', dataset: 0, subject: 'sub-1', contrast: 'SEM', image: 'a.png', labels: [['a_seg.png']] },
      metadata: { PixelSize: '[0.2, 0.1]', PixelSizeUnits: 'um' },
    }
    const steps: ShownStep[] = [
      { name: 'data', node: 'folder', inputs: {}, dir },
      {
        ...{ name: 'index', node: 'bids-index', inputs: { datasets: ['data'] }, dir },
        artifact: { kind: 'index', value: { targets: ['_seg'], images: [row] }, files: [] },
      },
    ]
    const shown = async (path: string, pixels: readonly number[]) => {
      writeFileSync(join(dir, path), encodePng({ height: 2, width: 3, pixels: Uint8Array.from(pixels) }))
      const bytes = await pictureVolume(steps, 'data', path, join(dir, path))
      writeFileSync(join(dir, 'seen.nii'), bytes!)
      const { shape, spacing, data } = await readVolume(join(dir, 'seen.nii'))
      expect([shape, spacing]).toEqual([[2, 3, 1], [0.0001, 0.0002, 0.0002].map(Math.fround)])
      return [...data]
    }
    // Down first, then along.
    expect(await shown('a.png', [1, 2, 3, 4, 5, 6])).toEqual([1, 4, 2, 5, 3, 6])
    expect(await shown('a_seg.png', [0, 255, 0, 255, 51, 0])).toEqual([0, 1, 1, Math.fround(0.2), 0, 0])
    expect(await pictureVolume(steps, 'data', 'seen.nii', join(dir, 'seen.nii'))).toBeUndefined()
    expect(await pictureVolume(steps, 'index', 'a.png', join(dir, 'a.png'))).toBeUndefined()
  } finally {
    rmSync(dir, { recursive: true })
  }
})
