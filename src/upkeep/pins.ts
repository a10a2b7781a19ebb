import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Digest } from '../artifact.ts'
import { codeOf, makeFolder, writeAtomically } from '../files.ts'

/** Results of a run that stay, whatever space is wanted. */
export interface Pin {
  /** As the run is called: `unet/20261126-070036-ab12cd`. */
  readonly run: string
  readonly pinned: string
  /** By step. */
  readonly results: Readonly<Record<string, Digest>>
}

const shape = z.object({ run: z.string(), pinned: z.string(), results: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)) })

/** The pins of a cache, by name. One that cannot be read is no reason to remove what it kept, so it is an error. */
export async function readPins(cacheDir: string): Promise<readonly Pin[]> {
  const dir = pinsDir(cacheDir)
  const names = (await readdir(dir).catch(unlessGone)) ?? []
  const pins = names.filter(name => name.endsWith('.json')).map(name => readPin(join(dir, name)))
  return (await Promise.all(pins)).sort((a, b) => (a.run < b.run ? -1 : 1))
}

async function readPin(path: string): Promise<Pin> {
  // One cast: the brand of what the schema has seen to be digests.
  return shape.parse(JSON.parse(await readFile(path, 'utf8'))) as Pin
}

/** Keeps the results of a run. */
export async function writePin(cacheDir: string, pin: Pin): Promise<void> {
  await makeFolder(pinsDir(cacheDir))
  await writeAtomically(pinPath(cacheDir, pin.run), `${JSON.stringify(pin)}\n`)
}

/** Keeps them no longer. False where there was no pin. */
export const removePin = (cacheDir: string, run: string): Promise<boolean> =>
  rm(pinPath(cacheDir, run)).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
      return false
    },
  )

const pinsDir = (cacheDir: string): string => join(cacheDir, 'pins')
const pinPath = (cacheDir: string, run: string): string => join(pinsDir(cacheDir), `${encodeURIComponent(run)}.json`)

const unlessGone = (error: unknown): undefined => {
  if (codeOf(error) !== 'ENOENT') throw error
}
