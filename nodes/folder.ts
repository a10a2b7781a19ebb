import { existsSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { datasetName } from '../src/bids/dataset.ts'
import { fail, FailureError } from '../src/failure.ts'
import { defineSourceNode } from '../src/node.ts'
import { dataset } from './artifacts.ts'

const params = z.strictObject({
  path: z.string().min(1).describe('a folder arranged as BIDS; relative paths start at the current folder'),
})

/** The folder, once it is known to be one and to hold something. */
function dirOf(path: string): string {
  const dir = resolve(path)
  try {
    if (!existsSync(dir)) fail({ kind: 'file-missing', path: dir, role: 'the dataset folder' })
    if (!statSync(dir).isDirectory()) fail({ kind: 'not-a-folder', path: dir })
    if (readdirSync(dir).length === 0) fail({ kind: 'empty-folder', path: dir })
    return dir
  } catch (e) {
    if (e instanceof FailureError) throw e
    fail({ kind: 'file-unreadable', path: dir, role: 'the dataset folder', detail: (e as Error).message })
  }
}

/** A folder of the user's as a dataset: listed and hashed, not copied. */
export default defineSourceNode({
  summary: "takes a BIDS folder of the user's as it is; nothing is copied",
  version: 1,
  params,
  inputs: {},
  output: dataset,
  source({ path }) {
    const dir = dirOf(path)
    return { dir, value: { name: datasetName(dir) } }
  },
})
