import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { shared } from '../golden.ts'
import type { Bench, Figure } from './figures.ts'
import { measure, median, repeated } from './measure.ts'
import {
  csvOf,
  elementsMade,
  epochSeconds,
  meanDice,
  meanOf,
  pipeCommand,
  pipeRun,
  root,
  secondsOf,
  stepsThatRan,
  workFolder,
  type PipeRun,
} from './pipe.ts'
import { scale } from './scale.ts'
import { segmenting } from './segment.ts'
import { memoryKept, pythonWithTorch, torchTraining, trainingOf } from './torch.ts'
import { view } from './view.ts'

const data = (name: string): string => {
  const path = join(process.env['VOXELPIPE_BENCH_DATA'] ?? join(shared, 'data'), name)
  if (!existsSync(path)) throw new Error(`no ${path}: name the folder of datasets by VOXELPIPE_BENCH_DATA`)
  return path
}

const fresh = (): void => rmSync(workFolder, { recursive: true, force: true })
const seconds = (values: readonly number[]): string => values.map(v => `${v.toFixed(2)} s`).join(', ')
const memory = (run: PipeRun): Figure[] =>
  run.residentMiB === undefined || run.largestProcessMiB === undefined
    ? []
    : [
        {
          what: 'resident memory, all processes',
          value: run.residentMiB / 1024,
          unit: 'GiB',
          from: `largest process ${(run.largestProcessMiB / 1024).toFixed(2)} GiB`,
        },
      ]

// --- quickstart ---

const quickstart: Bench = {
  title: "the README's first command, from nothing",
  async run() {
    fresh()
    const run = await pipeRun('quickstart.yaml')
    return {
      figures: [
        { what: 'whole command', value: run.seconds, unit: 's', target: { most: 180 } },
        { what: 'mean test Dice', value: meanDice(run), unit: '', target: { least: 0.9 } },
        ...memory(run),
      ],
    }
  },
}

// --- hippocampus ---

const hippocampus: Bench = {
  title: 'U-Net with 16 filters, 30 epochs, two classes',
  async run() {
    fresh()
    const run = await pipeRun('hippocampus.yaml', [`dataset.path=${data('hippocampus')}`, 'model.training_time.num_epochs=30'])
    const torch = await againstTorch('an epoch', median(epochSeconds(run)), run)
    return {
      figures: [
        { what: 'mean test Dice', value: meanDice(run), unit: '', target: { least: 0.86 } },
        { what: 'whole command', value: run.seconds / 60, unit: 'min', target: { most: 20 } },
        ...torch.figures,
        ...memory(run),
      ],
      versions: { torch: torch.version },
    }
  },
}

/** Ours against PyTorch's in the same run: as it is installed, which `most` is for, and with its memory kept. */
async function againstTorch(what: string, ours: number, run: PipeRun, most?: number): Promise<{ figures: Figure[]; version: string }> {
  const training = await trainingOf(run)
  const [plain, kept] = [await torchTraining(training), await torchTraining(training, memoryKept)]
  const figures = (
    [
      ['', plain, most],
      [' with its memory kept', kept, undefined],
    ] as const
  ).map(([how, torch, most]) => {
    const theirs = torch.trainSeconds + torch.validationSeconds
    return {
      what: `${what}, against PyTorch${how}`,
      value: ours / theirs,
      unit: 'x',
      ...(most !== undefined && { target: { most } }),
      from: `${ours.toFixed(2)} s; PyTorch ${theirs.toFixed(2)} s, ${torch.sampleSeconds.toFixed(2)} s of it for making samples`,
    }
  })
  return { figures, version: plain.torch }
}

// --- the tutorial ---

/**
 * Seconds of ivadomed's own, measured once on two cores where PyTorch's step took 5.3 s: the faster of several epochs, and its test.
 * ivadomed itself is not installed here; in the same run stands PyTorch doing what ivadomed's epoch does.
 */
const IVADOMED = { epoch: 77, test: 46 }
const TUTORIAL = 'spinegeneric.yaml'
const tutorialSettings = (): readonly string[] => [
  `dataset.urls=[file:${data('data_example_spinegeneric-r20200825.zip')}]`,
  'model.training_time.num_epochs=10',
]

const spinegeneric: Bench = {
  title: "ivadomed's tutorial, 10 epochs",
  async run() {
    fresh()
    const settings = tutorialSettings()
    const run = await pipeRun(TUTORIAL, settings)
    const epoch = median(epochSeconds(run))
    const test = secondsOf(run, ['predictions', 'masks', 'metrics'])
    const curves = csvOf(run, 'model/curves.csv')
    const best = Math.max(...curves.map(row => Number(row['validation_dice'])))
    const masks = readdirSync(join(run.dir, 'masks')).filter(f => f.endsWith('_pred.nii.gz')).length
    const validation = await pipeRun(TUTORIAL, [...settings, 'predictions.sets=[validation]'])
    const torch = await againstTorch('an epoch', epoch, run, 0.8)
    return {
      figures: [
        { what: 'validation Dice, mean of its six masks', value: meanDice(validation), unit: '', target: { least: 0.85 } },
        { what: 'validation Dice, soft, mean of slices, best of 10 epochs', value: best, unit: '' },
        { what: 'mean test Dice', value: meanOf(csvOf(run, 'metrics/evaluation_3Dmetrics.csv'), 'dice_class0'), unit: '' },
        { what: 'test masks', value: masks, unit: '', target: { least: 6 } },
        {
          what: "an epoch, against ivadomed's",
          value: epoch / IVADOMED.epoch,
          unit: 'x',
          from: `${epoch.toFixed(1)} s here; ivadomed ${IVADOMED.epoch} s, once, on another machine with two cores`,
        },
        ...torch.figures,
        {
          what: "infer + postprocess + evaluate, against ivadomed's test",
          value: test / IVADOMED.test,
          unit: 'x',
          target: { most: 0.25 },
          from: `${test.toFixed(1)} s; ivadomed ${IVADOMED.test} s, once, on another machine with two cores`,
        },
        { what: 'whole command', value: run.seconds / 60, unit: 'min' },
        ...memory(run),
      ],
      versions: { torch: torch.version },
    }
  },
}

/** The tutorial when it is up to date: planned, run again, and run after an edit of the last steps. */
const again: Bench = {
  title: "ivadomed's tutorial, with a token of a training, once more: nothing changed, an edit, a plan",
  async run() {
    fresh()
    // How long its training took decides nothing here.
    const settings = [...tutorialSettings(), 'model.training_time.num_epochs=1', 'model.network.depth=2', 'model.network.n_filters=4']
    await pipeRun(TUTORIAL, settings)
    return { figures: await againFigures(settings) }
  },
}

async function againFigures(settings: readonly string[]): Promise<Figure[]> {
  const nothing = await repeated(5, 1, () => pipeRun(TUTORIAL, settings))
  const ran = new Set(nothing.flatMap(stepsThatRan))
  // Values that no earlier bench is likely to have left in the cache.
  const unseen = 100 + 10 * (Math.floor(Date.now() / 1000) % 100)
  const edits = await repeated(3, 1, round => pipeRun(TUTORIAL, [...settings, `masks.remove_small.thr=${unseen + round}`]))
  const touched = new Set(edits.flatMap(stepsThatRan))
  const others = [...touched].filter(s => !['masks', 'metrics', 'report'].includes(s))
  const plan = await repeated(5, 1, () =>
    measure(
      pipeCommand('plan', join(root, 'pipelines', TUTORIAL), '--cache', join(workFolder, 'cache'), ...settings.flatMap(s => ['--set', s])),
    ),
  )
  const bare = await repeated(5, 1, () => measure([process.execPath, '--eval', '0']))
  const took = (what: string, runs: readonly { readonly seconds: number }[], most?: number): Figure => ({
    what,
    value: median(runs.map(r => r.seconds)),
    unit: 's',
    ...(most !== undefined && { target: { most } }),
    from: seconds(runs.map(r => r.seconds)),
  })
  return [
    took('second run, whole command', nothing, 0.4),
    { what: 'second run, steps executed', value: ran.size, unit: '', target: { most: 0 } },
    took('remove_small.thr edited, whole command', edits, 3),
    {
      what: 'remove_small.thr edited, steps executed beside masks, metrics and report',
      value: others.length,
      unit: '',
      target: { most: 0 },
      from: `executed: ${[...touched].join(', ')}`,
    },
    took('pipe plan, whole command', plan, 0.3),
    // What all of these hold, and what tells how fast the machine was.
    took('node that does nothing', bare),
  ]
}

// --- one image replaced ---

const replaced: Bench = {
  title: 'one image of a dataset replaced',
  async run() {
    fresh()
    const folder = join(workFolder, 'hippocampus')
    cpSync(data('hippocampus'), folder, { recursive: true })
    // Which steps run is what counts here, so the training is a token of one.
    const settings = [`dataset.path=${folder}`, 'model.training_time.num_epochs=1', 'model.network.depth=1', 'model.network.n_filters=4']
    const first = await pipeRun('hippocampus.yaml', settings)
    const image = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(f => f.endsWith('_T1w.nii.gz') && !f.startsWith('derivatives'))
      .sort()[0]!
    changeVoxels(join(folder, image))
    const second = await pipeRun('hippocampus.yaml', settings)
    const made = (['slices', 'tensors'] as const).map(step => ({ step, ...elementsMade(second, step) }))
    return {
      figures: [
        ...made.map(({ step, ran, total }) => ({
          what: `images made anew in ${step}`,
          value: ran,
          unit: `of ${total}`,
          target: { most: 1 },
        })),
        {
          what: 'steps before the training, against all images',
          value: secondsOf(second, ['index', 'split', 'slices', 'tensors']) / secondsOf(first, ['index', 'split', 'slices', 'tensors']),
          unit: 'x',
          from: `steps executed: ${stepsThatRan(second).join(', ')}`,
        },
      ],
    }
  },
}

/** Turns the order of the voxels around: another image of the same size, place and values. */
function changeVoxels(path: string): void {
  const bytes = gunzipSync(readFileSync(path))
  const start = bytes.readFloatLE(108)
  const size = bytes.readInt16LE(72) / 8
  const voxels = bytes.subarray(start)
  const turned = Buffer.alloc(voxels.length)
  for (let i = 0; i + size <= voxels.length; i += size) voxels.copy(turned, voxels.length - size - i, i, i + size)
  writeFileSync(path, gzipSync(Buffer.concat([bytes.subarray(0, start), turned])))
}

// --- the network alone ---

interface NetTimes {
  readonly engine: string
  readonly train_step_s: number
  readonly inference_s: number
  readonly peak_rss_gib: number
}

/** One step and one inference of the tutorial's network, ours and PyTorch's in turn: the medians after three warm-up steps. */
const net: Bench = {
  title: "the tutorial's network: 64 filters, depth 3, batch 18 of 128 x 128, 2 threads",
  async run() {
    const times = async (command: readonly string[], env = {}): Promise<NetTimes> =>
      JSON.parse((await measure(command, { env })).stdout.trim().split('\n').at(-1)!) as NetTimes
    const torch = [await pythonWithTorch(), join(root, 'test/bench/net_torch.py'), '5']
    const ours = await times([process.execPath, '--import', 'tsx', join(root, 'test/bench/net.ts'), '5'])
    const [plain, kept] = [await times(torch), await times(torch, memoryKept)]
    const against = (
      what: string,
      key: 'train_step_s' | 'inference_s',
      theirs: NetTimes,
      how: string,
      target?: { most: number },
    ): Figure => ({
      what: `${what}, against PyTorch${how}`,
      value: ours[key] / theirs[key],
      unit: 'x',
      ...(target && { target }),
      from: `${ours[key].toFixed(2)} s; PyTorch ${theirs[key].toFixed(2)} s`,
    })
    const both = (what: string, key: 'train_step_s' | 'inference_s'): Figure[] => [
      against(what, key, plain, '', { most: 0.7 }),
      against(what, key, kept, ' with its memory kept'),
    ]
    return {
      figures: [
        ...both('a training step', 'train_step_s'),
        ...both('inference of the batch', 'inference_s'),
        {
          what: 'peak resident memory of training',
          value: ours.peak_rss_gib,
          unit: 'GiB',
          target: { most: 3 },
          from: `PyTorch ${plain.peak_rss_gib.toFixed(2)} GiB, with its memory kept ${kept.peak_rss_gib.toFixed(2)} GiB`,
        },
      ],
      versions: { torch: plain.engine },
    }
  },
}

/** The same on a GPU: ours by WebGPU, which needs nothing but a driver, and on all cores; PyTorch by CUDA and on all cores. */
const gpu: Bench = {
  title: "the tutorial's network on a GPU: 64 filters, depth 3, batch 18 of 128 x 128",
  async run() {
    const times = async (command: readonly string[]): Promise<NetTimes> =>
      JSON.parse((await measure(command)).stdout.trim().split('\n').at(-1)!) as NetTimes
    const steps = (device: string) => (device === 'cpu' ? '5' : '20')
    const own = (device: string, threads: number) =>
      times([process.execPath, '--import', 'tsx', join(root, 'test/bench/net.ts'), steps(device), '18', device, String(threads)])
    const python = await pythonWithTorch()
    const torch = (device: string, threads: number) =>
      times([python, join(root, 'test/bench/net_torch.py'), steps(device), '18', device, String(threads)])
    const cores = availableParallelism()
    const [webgpu, cpu, cuda, torchCpu] = [
      await own('webgpu', 2),
      await own('cpu', cores),
      await torch('cuda', 2),
      await torch('cpu', cores),
    ]
    const card = (await measure(['nvidia-smi', '--query-gpu=name', '--format=csv,noheader'])).stdout.trim()
    const against = (key: 'train_step_s' | 'inference_s', what: string): Figure[] => [
      { what: `${what} by WebGPU`, value: 1000 * webgpu[key], unit: 'ms' },
      {
        what: `${what} by WebGPU, against ${cores} cores`,
        value: webgpu[key] / cpu[key],
        unit: 'x',
        from: `${cpu[key].toFixed(3)} s on the cores`,
      },
      { what: `${what} by WebGPU, against PyTorch by CUDA`, value: webgpu[key] / cuda[key], unit: 'x', from: `${cuda[key].toFixed(3)} s` },
      {
        what: `${what} on ${cores} cores, against PyTorch there`,
        value: cpu[key] / torchCpu[key],
        unit: 'x',
        from: `${torchCpu[key].toFixed(3)} s`,
      },
    ]
    return {
      figures: [...against('train_step_s', 'a training step'), ...against('inference_s', 'inference of the batch')],
      versions: { torch: cuda.engine, gpu: card },
    }
  },
}

// --- evaluation ---

interface EvaluationTimes {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMiB: number
}

/** Each case in a process of its own, so that its memory is known. */
const evaluation: Bench = {
  title: 'a scan of 460 x 460 x 16 voxels, and 100 classes in 300 x 300 x 300, one thread',
  async run() {
    const times = async (...args: readonly string[]): Promise<EvaluationTimes> => {
      const { stdout } = await measure([process.execPath, '--import', 'tsx', join(root, 'test/bench/evaluate.ts'), ...args])
      return JSON.parse(stdout) as EvaluationTimes
    }
    const ofScan = async (what: string, name: string): Promise<Figure> => {
      const { seconds, cpuSeconds } = await times(name)
      return {
        what,
        value: 1000 * seconds,
        unit: 'ms',
        target: { most: 100 },
        from: `median of 20; processor ${(1000 * cpuSeconds).toFixed(0)} ms`,
      }
    }
    fresh()
    mkdirSync(workFolder, { recursive: true })
    const many = await times('parcellation')
    await times('write', workFolder)
    const files = await times('files', workFolder)
    return {
      figures: [
        await ofScan('connected objects of a scan of noise', 'noise'),
        await ofScan('all metrics of a spinal cord in a scan', 'cord'),
        { what: 'all metrics of 100 classes, from label maps', value: many.seconds, unit: 's', target: { most: 10 } },
        { what: 'resident memory of that, the two maps included', value: many.peakMiB / 1024, unit: 'GiB', target: { most: 1.5 } },
        {
          what: 'the step evaluate on 100 classes, each a label file',
          value: files.seconds,
          unit: 's',
          from: `5.4 GB inflated, 2.7 GB painted; processor ${files.cpuSeconds.toFixed(1)} s`,
        },
        { what: 'resident memory of that', value: files.peakMiB / 1024, unit: 'GiB', target: { most: 1.5 } },
      ],
    }
  },
}

/** Every bench, by the name that it is run by. */
export const benches: Readonly<Record<string, Bench>> = {
  net,
  gpu,
  quickstart,
  hippocampus,
  spinegeneric,
  again,
  replaced,
  evaluate: evaluation,
  segment: segmenting,
  scale,
  view,
}
