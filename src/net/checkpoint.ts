import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { codeOf, syncFolder } from '../files.ts'
import { epochRecord } from './curves.ts'
import type { Tensor, Tensors } from './net.ts'

const progress = z.strictObject({
  /** Epochs done. */
  epoch: z.int(),
  curves: z.array(epochRecord),
  patience: z.strictObject({ previous: z.number().optional(), waited: z.int() }),
  best: z.strictObject({ epoch: z.int(), loss: z.number() }),
})
/** How far a training has come, but for its tensors. */
export type TrainingProgress = z.infer<typeof progress>

/** All that a training needs to go on as if it had not stopped; its random numbers follow from the seed and the epoch. */
export interface Checkpoint extends TrainingProgress {
  /** Weights, running statistics and optimiser state (`Trainer.state`). */
  readonly state: Tensors
  /** Weights and running statistics of the best epoch. */
  readonly bestWeights: Tensors
}

const tensorEntry = z.strictObject({ name: z.string(), shape: z.array(z.int()) })
const header = z.strictObject({ progress, state: z.array(tensorEntry), bestWeights: z.array(tensorEntry) })

// A file: 24 bytes of magic, the header's length (uint32), the header (JSON, padded so that numbers begin at a multiple
// of 8), the numbers of all tensors (float32, little-endian), and the sha256 of everything before.
const magic = Buffer.from('voxelpipe checkpoint v1\n')
const digestLength = 32
const kept = 2
const chunkSize = 1 << 26

const fileName = (epoch: number): string => `epoch-${String(epoch).padStart(6, '0')}.checkpoint`
const entries = (tensors: Tensors) => Object.entries(tensors).map(([name, { shape }]) => ({ name, shape: [...shape] }))
const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/**
 * Writes the checkpoint of an epoch into `dir` and gives its path. Whole or not at all: under another name first, flushed
 * to the disk, then renamed. The one before is kept, older ones go.
 */
export async function saveCheckpoint(dir: string, checkpoint: Checkpoint): Promise<string> {
  await mkdir(dir, { recursive: true })
  const { state, bestWeights, epoch, curves, patience, best } = checkpoint
  const text = JSON.stringify({
    progress: { epoch, curves, patience, best },
    state: entries(state),
    bestWeights: entries(bestWeights),
  } satisfies z.infer<typeof header>)
  const json = Buffer.from(text)
  const start = Buffer.alloc(Math.ceil((magic.length + 4 + json.length) / 8) * 8, ' ')
  magic.copy(start)
  start.writeUInt32LE(start.length - magic.length - 4, magic.length)
  json.copy(start, magic.length + 4)

  const path = join(dir, fileName(epoch))
  const temporary = `${path}.part`
  const hash = createHash('sha256')
  const file = await open(temporary, 'w')
  try {
    for (const chunk of [
      start,
      ...Object.values(state).map(t => bytesOf(t.data)),
      ...Object.values(bestWeights).map(t => bytesOf(t.data)),
    ]) {
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.writeFile(hash.digest())
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dir)
  for (const old of (await checkpointFiles(dir)).slice(kept)) await rm(join(dir, old))
  return path
}

/**
 * The newest whole checkpoint of a folder, or undefined. One that is damaged (cut short, changed) is left out with a
 * warning, and the one before it is taken.
 */
export async function loadCheckpoint(
  dir: string,
  warn: (line: string) => void,
): Promise<{ readonly path: string; readonly checkpoint: Checkpoint } | undefined> {
  for (const name of await checkpointFiles(dir)) {
    const path = join(dir, name)
    const checkpoint = await readCheckpoint(path)
    if (typeof checkpoint !== 'string') return { path, checkpoint }
    warn(`the checkpoint ${name} is damaged (${checkpoint}) and is left out; the one before it is used`)
  }
  return undefined
}

/** Names of the checkpoints in a folder, newest first. */
async function checkpointFiles(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  return names.filter(name => /^epoch-\d+\.checkpoint$/.test(name)).sort((a, b) => (a < b ? 1 : -1))
}

/** A checkpoint, or what is wrong with the file. */
export async function readCheckpoint(path: string): Promise<Checkpoint | string> {
  const bytes = await readAll(path)
  if (bytes.length < magic.length + 4 + digestLength) return 'cut short'
  if (!magic.equals(bytes.subarray(0, magic.length))) return 'not a checkpoint of this version'
  const body = bytes.subarray(0, bytes.length - digestLength)
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(body.length))) return 'its checksum does not match'
  const headerEnd = magic.length + 4 + bytes.readUInt32LE(magic.length)
  const facts = header.parse(JSON.parse(bytes.toString('utf8', magic.length + 4, headerEnd)))
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset + headerEnd, (body.length - headerEnd) / 4)
  let offset = 0
  const take = (list: typeof facts.state): Tensors =>
    Object.fromEntries(
      list.map(({ name, shape }): [string, Tensor] => {
        const count = shape.reduce((a, b) => a * b, 1)
        offset += count
        return [name, { shape, data: numbers.slice(offset - count, offset) }]
      }),
    )
  return { ...facts.progress, state: take(facts.state), bestWeights: take(facts.bestWeights) }
}

/** A whole file, of any size: Node reads at most 2 GiB at once. */
async function readAll(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = Buffer.from(new ArrayBuffer(size))
    let at = 0
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, Math.min(chunkSize, size - at), at)
      if (bytesRead === 0) break
      at += bytesRead
    }
    return bytes.subarray(0, at)
  } finally {
    await file.close()
  }
}
