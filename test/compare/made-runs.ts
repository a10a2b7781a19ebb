import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { readRun } from '../../src/compare/run.ts'
import { openAll } from '../../src/compare/stored.ts'
import { canonical } from '../../src/fingerprint.ts'

/** What a made run holds. */
export interface MadeRun {
  /** By step: params of its node. */
  readonly params?: Readonly<Record<string, object>>
  /** image -> column -> value. */
  readonly metrics?: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  /** image -> what the index says beside its subject. */
  readonly facts?: Readonly<Record<string, Readonly<Record<string, string | number | null>>>>
  readonly seed?: number
  readonly end?: 'done' | 'failed' | 'cancelled' | 'killed'
}

/** Folders of runs written by hand, in the form that `pipe run` gives them: an index and metrics of it. */
export class MadeRuns {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'runs-')))
  readonly place = { out: 'runs', cwd: this.dir }
  #second = 0

  remove(): void {
    rmSync(this.dir, { recursive: true })
  }

  /** Writes a run; its folder. */
  make(pipeline: string, { params = {}, metrics = {}, facts = {}, seed = 1, end = 'done' }: MadeRun = {}): string {
    const time = `20261126-0700${String(++this.#second).padStart(2, '0')}`
    const dir = join(this.dir, 'runs', pipeline, `${time}-${createHash('sha1').update(time).digest('hex').slice(0, 6)}`)
    mkdirSync(dir, { recursive: true })
    const steps = {
      index: { node: 'bids-index', params: params['index'] ?? {} },
      metrics: { node: 'evaluate', inputs: { index: 'index' }, params: params['metrics'] ?? {} },
    }
    writeFileSync(join(dir, 'pipeline.yaml'), stringify({ name: pipeline, seed, steps }))
    writeFileSync(join(dir, 'environment.json'), JSON.stringify({ voxelpipe: '0.1.0', code: { index: '2', metrics: '2' } }))
    const images = Object.keys(metrics)
    const index = {
      targets: ['_seg'],
      images: images.map(id => ({ id, subject: id.split('_')[0], contrast: 'T2w', metadata: facts[id] ?? {} })),
    }
    const columns = [...new Set(Object.values(metrics).flatMap(Object.keys))]
    const table = { columns, rows: images.map(image => ({ image, values: metrics[image] })), means: {} }
    const digests = { index: this.#store(dir, 'index', index), metrics: end === 'done' ? this.#store(dir, 'metrics', table) : undefined }
    const at = (second: number): string => new Date(Date.UTC(2026, 10, 26, 7, 0, this.#second) + second * 100).toISOString()
    const events = [
      { time: at(0), type: 'run-started', steps: ['index', 'metrics'] },
      { time: at(1), type: 'node-done', step: 'index', how: 'cached', digest: digests.index, ms: 0 },
      ...(digests.metrics ? [{ time: at(2), type: 'node-done', step: 'metrics', how: 'ran', digest: digests.metrics, ms: 3 }] : []),
      ...(end === 'failed' ? [{ time: at(2), type: 'node-failed', step: 'metrics', failure: { kind: 'node-threw' } }] : []),
      ...(end === 'cancelled' ? [{ time: at(2), type: 'node-failed', step: 'metrics', failure: { kind: 'cancelled' } }] : []),
      ...(end === 'killed' ? [] : [{ time: at(3), type: 'run-done', ok: end === 'done', ms: 300 }]),
    ]
    const text = events.map(e => `${JSON.stringify(e)}\n`).join('')
    writeFileSync(join(dir, 'events.jsonl'), end === 'killed' ? `${text}{"time":"2026` : text)
    return dir
  }

  #store(run: string, kind: string, value: unknown): string {
    const text = canonical({ format: 1, kind, value, files: [{ path: 'x', size: 1000, digest: kind }] })
    const digest = createHash('sha256').update(text).digest('hex')
    const folder = join(this.dir, 'cache', digest)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'artifact.json'), text)
    symlinkSync(relative(run, folder), join(run, kind))
    return digest
  }

  /** A run and its results, read back. */
  async open(dir: string) {
    const run = await readRun(dir)
    if (!run.ok) throw new Error(JSON.stringify(run.failures))
    return { run: run.value, stored: await openAll(run.value) }
  }
}

/** A test body with runs of its own. */
export const withRuns = (body: (runs: MadeRuns) => Promise<void>) => async (): Promise<void> => {
  const runs = new MadeRuns()
  try {
    await body(runs)
  } finally {
    runs.remove()
  }
}
