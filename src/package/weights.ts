import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fail } from '../failure.ts'
import { codeOf, hashFile } from '../files.ts'
import type { Predictor } from '../net/engine.ts'
import { exportModel } from '../net/onnx/export.ts'
import { fitted, stateDictFile } from '../net/state-dict.ts'
import { readWeightsFile } from '../net/weights-file.ts'
import { networkOf } from './network.ts'
import type { PackagedModel } from './open.ts'
import { readSettings } from './settings.ts'
import { writeCheck, writeDigests } from './write.ts'

/** A packaged model's weights as the safetensors file of a PyTorch `state_dict`. */
export async function exportWeights({ name, onnx, json, settings }: PackagedModel): Promise<Uint8Array> {
  const net = networkOf(settings, json)
  const { weights, wrong } = fitted(net, await readWeightsFile(onnx))
  if (wrong.length > 0) fail({ kind: 'state-does-not-fit', path: onnx, settings: json, wrong })
  return stateDictFile(net, weights, { model: name })
}

/** What an imported model is made of. */
export interface ToImport {
  /** The `.safetensors` file. */
  readonly weights: string
  /** A model's JSON: ivadomed's, or that of a package. */
  readonly json: string
  /** The new folder; its last part is the model's name. */
  readonly folder: string
}

/** Makes a packaged model of weights and settings. `open` opens the model file, for its answer to the made input. */
export async function importWeights({ weights: file, json, folder }: ToImport, open: (onnx: string) => Promise<Predictor>): Promise<void> {
  for (const [path, role] of [
    [file, 'the file of weights'],
    [json, 'the file of settings'],
  ] as const)
    if (!existsSync(path)) fail({ kind: 'file-missing', path, role })
  if (!(await isFree(folder))) fail({ kind: 'folder-in-use', path: folder })
  const text = await readFile(json, 'utf8')
  const settings = readSettings(text, json)
  const net = networkOf(settings, json)
  const { weights, wrong } = fitted(net, await readWeightsFile(file))
  if (wrong.length > 0) fail({ kind: 'state-does-not-fit', path: file, settings: json, wrong })

  const digest = await hashFile(file)
  const name = basename(folder)
  const fill = async (dir: string): Promise<void> => {
    const at = (end: string): string => join(dir, end)
    await writeFile(at(`${name}.onnx`), exportModel(net, weights))
    await writeFile(at(`${name}.json`), withOrigin(text, digest))
    await writeFile(at('README.md'), cardOf(name, { file, json, digest }))
    const predictor = await open(at(`${name}.onnx`))
    const channels = Number(Object.values(net.inputs)[0]![0])
    await writeCheck(dir, channels, predictor).finally(() => predictor.close())
    await writeDigests(dir, [`${name}.onnx`, `${name}.json`, 'README.md'])
  }
  await makeWhole(folder, fill)
}

/** Makes a folder that is seen when it is whole, or not at all. */
async function makeWhole(folder: string, fill: (dir: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const made = await mkdtemp(`${folder}-`)
  try {
    await fill(made)
    await chmod(made, 0o755)
    // An empty folder gives way to it.
    await rename(made, folder)
  } catch (error) {
    await rm(made, { recursive: true })
    throw error
  }
}

const isFree = (folder: string): Promise<boolean> =>
  readdir(folder).then(
    names => names.length === 0,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return true
      throw error
    },
  )

/** What our JSON says of metrics was measured with other weights; where these come from is added. ivadomed's JSON stays as it is. */
function withOrigin(text: string, digest: string): string {
  const config = JSON.parse(text) as { voxelpipe?: { readonly provenance: object; readonly metrics?: unknown } }
  const about = config.voxelpipe
  if (!about) return text
  const voxelpipe = { ...about, metrics: undefined, provenance: { ...about.provenance, weights: digest } }
  return `${JSON.stringify({ ...config, voxelpipe }, null, 2)}\n`
}

const cardOf = (name: string, { file, json, digest }: { readonly file: string; readonly json: string; readonly digest: string }): string =>
  [
    `# ${name}`,
    `Made of weights and settings: nothing is known here of the data they were trained on, nor of how good they are.`,
    `| | |\n| --- | --- |\n| Weights | \`${basename(file)}\`, sha256 ${digest} |\n| Settings | \`${basename(json)}\` |`,
    `    pipe segment -m ${name} image.nii.gz`,
    '',
  ].join('\n\n')
