import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { makePhantom, phantomDefaults } from '../../src/phantom/phantom.ts'

const main = resolve(import.meta.dirname, '../../dist/bundle/pipe.js')

/** What a run of the command left. */
export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** One object of `--json`. */
export type Said = Readonly<Record<string, unknown>> & { readonly type: string; readonly step?: string }

export interface PipeOptions {
  /** Called with all that was printed so far, as it comes. */
  readonly onOutput?: (out: string) => void
  /** Called with every object of `--json` as it comes, and with what sends a signal to the command and all its children. */
  readonly onEvent?: (event: Said, kill: (signal: NodeJS.Signals) => void) => void
  /** Runs as this user instead. */
  readonly uid?: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A user's folder with a dataset in it, in which the built command is run. */
export class Place {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'pipe-fault-')))

  at(...names: readonly string[]): string {
    return join(this.dir, ...names)
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Five subjects with one small image and its label each, in the folder `data`. */
  async phantom(subjects = 5): Promise<void> {
    const small = { shape: [24, 24, 4], spacing: [1.5, 1.5, 4], contrasts: ['T2w'], orientations: ['RPI'] } as const
    await makePhantom(this.at('data'), { ...phantomDefaults, ...small, subjects }, 1, () => undefined)
  }

  /** Writes `p.yaml`: the usual steps on the folder `data`, as small as they can be. */
  pipeline(change: (text: string) => string = text => text): void {
    writeFileSync(this.at('p.yaml'), change(smallPipeline))
  }

  image = (subject: string): string => this.at(`data/sub-${subject}/anat/sub-${subject}_T2w.nii.gz`)
  label = (subject: string): string => this.at(`data/derivatives/labels/sub-${subject}/anat/sub-${subject}_T2w_seg-manual.nii.gz`)

  /** Runs the built command as a user would, in a process group of its own. */
  pipe(args: readonly string[], options: PipeOptions = {}): Promise<Finished> {
    return new Promise((done, reject) => {
      const child = spawn(process.execPath, [main, ...args], {
        cwd: options.cwd ?? this.dir,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VOXELPIPE_CACHE: undefined, npm_command: undefined, ...options.env },
        detached: true,
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      })
      const kill = (signal: NodeJS.Signals): void => void process.kill(-child.pid!, signal)
      let [out, err, seen] = ['', '', 0]
      child.stdout.on('data', (d: Buffer) => {
        out += d.toString()
        options.onOutput?.(out)
        for (let end = out.indexOf('\n', seen); options.onEvent && end >= 0; end = out.indexOf('\n', seen)) {
          options.onEvent(JSON.parse(out.slice(seen, end)) as Said, kill)
          seen = end + 1
        }
      })
      child.stderr.on('data', (d: Buffer) => (err += d.toString()))
      child.on('error', reject)
      child.on('close', code => done({ code, out, err }))
    })
  }

  /** Runs the pipeline, and gives what it did. */
  run(...args: readonly string[]): Promise<Ran> {
    return this.watch(args, () => undefined)
  }

  /** The same, with its events as they come. */
  async watch(args: readonly string[], onEvent: NonNullable<PipeOptions['onEvent']>): Promise<Ran> {
    const finished = await this.pipe(['run', 'p.yaml', '--json', ...args], { onEvent })
    return { ...finished, ...readEvents(finished.out) }
  }

  /** A copy of a whole folder, such as a cache, under another name. */
  copy(from: string, to: string): void {
    cpSync(this.at(from), this.at(to), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  }

  read = (...names: readonly string[]): Buffer => readFileSync(this.at(...names))
}

/** A run with `--json`, taken apart. */
export interface Ran extends Finished {
  readonly events: readonly Said[]
  /** Steps that ran, in order; those with elements with how many: `slices 1/5`. */
  readonly ran: readonly string[]
  /** Elements that ran, by step. */
  readonly elements: Readonly<Record<string, readonly string[]>>
}

export function readEvents(text: string): Pick<Ran, 'events' | 'ran' | 'elements'> {
  const lines = text.split('\n').filter(line => line.startsWith('{'))
  const events = lines.map(line => JSON.parse(line) as Said)
  const elements: Record<string, string[]> = {}
  for (const e of events) if (e.type === 'element-done') (elements[e.step!] ??= []).push(e['element'] as string)
  for (const list of Object.values(elements)) list.sort()
  const ran = events
    .filter(e => e.type === 'node-done' && e['how'] === 'ran')
    .map(e => {
      const count = e['elements'] as { ran: number; total: number } | undefined
      return count ? `${e.step} ${count.ran}/${count.total}` : e.step!
    })
  return { events, ran, elements }
}

/** Changes the bytes of a .nii.gz, header and voxels, unpacked: in place, or by giving others. */
export function editImage(path: string, change: (bytes: Buffer) => unknown): void {
  const bytes = gunzipSync(readFileSync(path))
  const changed = change(bytes)
  writeFileSync(path, gzipSync(Buffer.isBuffer(changed) ? changed : bytes))
}

/** One digest over the names and bytes of all files below a folder. */
export function checksum(dir: string): string {
  const hash = createHash('sha256')
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()
  for (const name of names) {
    hash.update(`\n${name}\n`)
    if (statSync(join(dir, name), { throwIfNoEntry: false })?.isFile()) hash.update(readFileSync(join(dir, name)))
  }
  return hash.digest('hex')
}

/** A message, and nothing that a program says to its programmer; only what belongs there lies in the folder. */
export function expectMessage(run: Finished, code: number, ...says: readonly (string | RegExp)[]): void {
  const text = run.out + run.err
  for (const part of says) expect(text).toMatch(part instanceof RegExp ? part : new RegExp(escaped(part)))
  expect(text).not.toMatch(/^\s+at .*[:(]|node:internal|is a bug|Error:|undefined|\[object/m)
  expect(run.code, text).toBe(code)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Root may read everything: there another user runs the command, where that is possible. */
export const otherUser = process.getuid?.() === 0 && existsSync(main) ? 65534 : undefined

const smallPipeline = `name: small
seed: 1
steps:
  dataset:
    node: folder
    params: { path: data }
  index:
    node: bids-index
    inputs: { datasets: dataset }
    params: { contrasts: [T2w], target_suffix: [_seg-manual] }
  split:
    node: split
    inputs: { index: index }
    params: { random_seed: 6, train_fraction: 0.6, test_fraction: 0.2 }
  slices:
    node: slice
    inputs: { index: index, datasets: dataset }
    params: { slice_axis: axial }
  tensors:
    node: transform
    inputs: { slices: slices }
    params:
      CenterCrop: { size: [32, 32] }
      RandomAffine: { degrees: 5, scale: [0.1, 0.1], translate: [0.03, 0.03], dataset_type: [training] }
      NormalizeInstance: { applied_to: [im] }
  model:
    node: train
    inputs: { tensors: tensors, split: split }
    params:
      network: { name: Unet, depth: 1, n_filters: 2 }
      batch_size: 4
      training_time: { num_epochs: 2 }
  predictions:
    node: infer
    inputs: { model: model, tensors: tensors, split: split }
  masks:
    node: postprocess
    inputs: { predictions: predictions }
    params:
      binarize_prediction: { thr: 0.5 }
      remove_small: { unit: vox, thr: 3 }
  metrics:
    node: evaluate
    inputs: { masks: masks, index: index, datasets: dataset }
`
