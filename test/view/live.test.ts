import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { afterEvent, emptyRun, type TimedEvent } from '../../src/view/run-state.ts'
import { openViewer, type Viewer } from '../../src/view/server.ts'

const built = join(import.meta.dirname, '../../dist/bundle')
const pipeline = `name: live
seed: 1
steps:
  dataset: { node: phantom, params: { subjects: 3, contrasts: [T2w], shape: [20, 18, 6] } }
  index: { node: bids-index, inputs: { datasets: dataset }, params: { contrasts: [T2w], target_suffix: [_seg-manual] } }
  split: { node: split, inputs: { index: index }, params: { train_fraction: 0.4, test_fraction: 0.3 } }
  slices: { node: slice, inputs: { index: index, datasets: dataset } }
  tensors: { node: transform, inputs: { slices: slices }, params: { CenterCrop: { size: [16, 16] }, NormalizeInstance: {} } }
  model:
    node: train
    inputs: { tensors: tensors, split: split }
    params: { network: { name: Unet, depth: 1, n_filters: 2 }, training_time: { num_epochs: 12 }, scheduler: { initial_lr: 0.02 } }
`
let [home, viewer] = ['', undefined] as [string, Viewer | undefined]

beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'live-')))
  writeFileSync(join(home, 'live.yaml'), pipeline)
})
afterAll(async () => {
  await viewer?.close()
  rmSync(home, { recursive: true })
})

test('the curves of a training come while it runs, epoch by epoch', async () => {
  const child = spawn(process.execPath, [join(built, 'pipe.js'), 'run', 'live.yaml', '--quiet'], { cwd: home, stdio: 'inherit' })
  const ended = new Promise<number | null>(done => child.once('exit', done))
  const folder = join(home, 'runs', 'live')
  await expect.poll(() => existsSync(folder) && readdirSync(folder).some(name => existsSync(join(folder, name, 'events.jsonl'))), { timeout: 30_000 }).toBe(true) // prettier-ignore
  const run = readdirSync(folder).find(name => name !== 'latest')!
  viewer = await openViewer({ place: { root: join(home, 'runs') }, pageDir: join(built, 'view') }, { host: '127.0.0.1', port: 0 })
  const answer = await fetch(`http://127.0.0.1:${viewer.port}/api/runs/live/${run}/events?token=${viewer.token}`)

  let state = emptyRun
  let text = ''
  const lengths: number[] = []
  for await (const bytes of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += bytes
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines)
      if (line.startsWith('data: ')) state = afterEvent(state, JSON.parse(line.slice('data: '.length)) as TimedEvent)
    // What is known while the training goes on.
    if (state.steps.find(step => step.name === 'model')?.state === 'running') lengths.push(state.curves['model']?.length ?? 0)
  }
  expect(await ended).toBe(0)
  expect(state.ok).toBe(true)
  expect(state.curves['model']).toHaveLength(12)
  expect(state.curves['model']!.every(({ metrics }) => Number.isFinite(metrics['train_loss']))).toBe(true)
  expect(new Set(lengths).size, `${lengths.join()} epochs were known`).toBeGreaterThan(2)
}, 90_000)
