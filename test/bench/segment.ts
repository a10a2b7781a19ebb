import { mkdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { initialise } from '../../src/net/initialise.ts'
import { models } from '../../src/net/models/index.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { Random } from '../../src/random.ts'
import type { Bench, Figure } from './figures.ts'
import { measure, median, repeated } from './measure.ts'
import { pipeCommand, root, workFolder } from './pipe.ts'

/** The volume of the tutorial's first subject: voxels, and millimetres between them. */
const shape = [460, 460, 16] as const
const affine = [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1]

/**
 * Writes what `pipe segment` is measured on into `dir`: `model/`, a packaged network of the tutorial's kind with weights that learned
 * nothing (which takes as long), and `image.nii.gz`, a bright tube in noise.
 */
async function writeTutorialPackage(dir: string, filters: number): Promise<void> {
  const folder = join(dir, 'model')
  await mkdir(folder, { recursive: true })
  const net = models.Unet.net(models.Unet.params.parse({ channels: 1, classes: 1, depth: 3, n_filters: filters }))
  await writeFile(join(folder, 'model.onnx'), exportModel(net, initialise(net, new Random(1, 'weights'))))
  const settings = {
    loader_parameters: { target_suffix: ['_seg-manual'], slice_axis: 'axial', contrast_params: { testing: ['T2w'] } },
    default_model: { name: 'Unet', depth: 3, n_filters: filters },
    transformation: {
      Resample: { hspace: 0.75, wspace: 0.75, dspace: 1 },
      CenterCrop: { size: [128, 128] },
      NormalizeInstance: { applied_to: ['im'] },
    },
    postprocessing: { keep_largest: {}, binarize_prediction: { thr: 0.5 }, fill_holes: {}, remove_small: { unit: 'vox', thr: 3 } },
  }
  await writeFile(join(folder, 'model.json'), JSON.stringify(settings))
  const random = new Random(1, 'image')
  const data = Int16Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => {
    const [x, y] = [i % shape[0], Math.floor(i / shape[0]) % shape[1]]
    return Math.abs(100 + 60 * random.normal() + ((x - 230) ** 2 + (y - 225) ** 2 < 196 ? 400 : 0))
  })
  await writeNifti(join(dir, 'image.nii.gz'), { shape, data, dtype: 'int16', affine, qformCode: 1, sformCode: 1, xyztUnits: 2 })
}

interface Alone {
  readonly open: number
  readonly run: number
  readonly processor: number
}

/** Tells on its last line of output what its process and threads took of the processor. */
const telling = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();console.log((user+system)/1e6)})`

/** `pipe segment` as a whole command, and what of that is ONNX Runtime's. */
async function ofFilters(filters: number, target?: { readonly most: number }): Promise<readonly Figure[]> {
  const dir = join(workFolder, 'segment')
  await rm(dir, { recursive: true, force: true })
  await writeTutorialPackage(dir, filters)
  const [model, image, out] = ['model', 'image.nii.gz', 'out'].map(name => join(dir, name)) as [string, string, string]
  const [node, ...pipe] = pipeCommand('segment', '-m', model, image, '-o', out)
  const runs = await repeated(3, 1, () => measure([node!, ...pipe]))
  // Runs of their own: what tells takes a while to load.
  const told = await repeated(3, 0, () => measure([node!, '--import', telling, ...pipe]))
  const processor = median(told.map(({ stdout }) => Number(stdout.trim().split('\n').at(-1))))
  const command = [node!, '--import', 'tsx', join(root, 'test/bench/onnxruntime-alone.ts'), join(model, 'model.onnx'), `${shape[2]}`]
  const alone = await repeated(3, 1, async () => JSON.parse((await measure(command)).stdout) as Alone)
  const of = (pick: (one: Alone) => number): string => median(alone.map(pick)).toFixed(2)
  return [
    {
      what: `${filters} filters: start to mask, whole command`,
      value: median(runs.map(({ seconds }) => seconds)),
      unit: 's',
      ...(target && { target }),
      from: `${runs.map(({ seconds }) => `${seconds.toFixed(2)} s`).join(', ')}; processor ${processor.toFixed(2)} s, load of the machine ${loadavg()[0]!.toFixed(0)} on ${availableParallelism()} cores`,
    },
    {
      what: `${filters} filters: ONNX Runtime alone, loaded, opened and run on the same slices`,
      value: median(alone.map(({ open, run }) => open + run)),
      unit: 's',
      from: `to open ${of(({ open }) => open)} s, to run ${of(({ run }) => run)} s; processor ${of(one => one.processor)} s`,
    },
  ]
}

/** What a user waits for: one volume of the tutorial, a process that starts cold. */
export const segmenting: Bench = {
  title: "pipe segment of a volume of 460 x 460 x 16 by the tutorial's network, depth 3",
  async run() {
    return { figures: [...(await ofFilters(64, { most: 1 })), ...(await ofFilters(16))] }
  },
}
