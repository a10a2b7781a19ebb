import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { FileEntry } from '../artifact.ts'
import { ifMissing } from './missing.ts'

/** A step of a run as its folder shows it. */
export interface ShownStep {
  readonly name: string
  readonly node: string
  /** Input name -> steps. */
  readonly inputs: Readonly<Record<string, readonly string[]>>
  /** Where its result lies, links followed. */
  readonly dir: string
  /** Its document and its files; undefined of a folder of the user's, which was not copied. */
  readonly artifact?: ShownArtifact
}

/** What `artifact.json` says. */
export interface ShownArtifact {
  readonly kind: string
  readonly value: unknown
  readonly files: readonly Pick<FileEntry, 'path' | 'size'>[]
}

const list = z.union([z.string(), z.array(z.string())]).transform(x => (typeof x === 'string' ? [x] : x))
const written = z.object({ steps: z.record(z.string(), z.object({ node: z.string(), inputs: z.record(z.string(), list).default({}) })) })
const document = z.object({
  kind: z.string(),
  value: z.unknown(),
  files: z.array(z.object({ path: z.string(), size: z.number() })),
})

/** The steps of a run that have a result, in the order of its pipeline. */
export async function readRun(dir: string): Promise<readonly ShownStep[]> {
  const { steps } = written.parse(parse(await readFile(join(dir, 'pipeline.yaml'), 'utf8')))
  const shown = await Promise.all(
    Object.entries(steps).map(async ([name, { node, inputs }]): Promise<ShownStep | undefined> => {
      const target = await realpath(join(dir, name)).catch(ifMissing)
      if (target === undefined) return undefined
      const artifact = await readArtifact(target)
      return { name, node, inputs, dir: target, ...(artifact && { artifact }) }
    }),
  )
  return shown.filter(step => step !== undefined)
}

/** What has been read: artifacts never change. */
const known = new Map<string, ShownArtifact>()

/** An artifact's folder is called by the digest of its document; one of the user's that has a file of that name is none. */
async function readArtifact(dir: string): Promise<ShownArtifact | undefined> {
  const read = known.get(dir)
  if (read) return read
  const text = await readFile(join(dir, 'artifact.json'), 'utf8').catch(ifMissing)
  if (text === undefined || createHash('sha256').update(text).digest('hex') !== basename(dir)) return undefined
  const artifact = document.parse(JSON.parse(text))
  known.set(dir, artifact)
  return artifact
}
