import { open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { codeOf } from '../files.ts'
import { datasetStep } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import { ifOutOfReach } from './missing.ts'
import type { ShownStep } from './run-folder.ts'

/** A file that may be given away: where it lies, and its size. */
export interface Allowed {
  readonly path: string
  readonly size: number
}

/**
 * The file that a request names, or undefined. Of an artifact those that its document lists, and only where they really lie in its
 * folder; of a folder of the user's those that an index of the run names, and where a link leads out of the folder only a NIfTI
 * image, so that a forged run gives nothing else away.
 */
export async function allowedFile(steps: readonly ShownStep[], stepName: string, path: string): Promise<Allowed | undefined> {
  const step = steps.find(({ name }) => name === stepName)
  if (!step || !namedFiles(step, steps).has(path) || path.split('/').includes('..')) return undefined
  const real = await realpath(join(step.dir, path)).catch(ifOutOfReach)
  const found = real === undefined ? undefined : await stat(real)
  if (real === undefined || !found?.isFile()) return undefined
  const isWithin = real.startsWith(step.dir + sep)
  const mayLeadOut = step.artifact === undefined && !isWithin && (await isNifti(real))
  return isWithin || mayLeadOut ? { path: real, size: found.size } : undefined
}

function namedFiles(step: ShownStep, steps: readonly ShownStep[]): ReadonlySet<string> {
  if (step.artifact) return new Set(step.artifact.files.map(({ path }) => path))
  const paths = stepsOfKind('index', steps).flatMap(index =>
    index.value.images
      .filter(row => datasetStep(index, row.dataset) === step.name)
      .flatMap(row => [row.image, ...(row.channels ?? []), ...row.labels.flat(), ...(row.roi === undefined ? [] : [row.roi])]),
  )
  return new Set(paths)
}

/** By its first bytes, unpacked: the size of a NIfTI header, in either byte order. */
async function isNifti(path: string): Promise<boolean> {
  const start = await firstBytes(path)
  if (start.length < 4) return false
  const sizes = [start.readInt32LE(0), start.readInt32BE(0)]
  return sizes.includes(348) || sizes.includes(540)
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    const bytes = buffer.subarray(0, bytesRead)
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
    // The end is missing, and what comes before it is unpacked all the same.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    if (codeOf(error)?.startsWith('Z_')) return Buffer.alloc(0)
    throw error
  } finally {
    await file.close()
  }
}
