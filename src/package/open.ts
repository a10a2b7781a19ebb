import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fail } from '../failure.ts'
import { codeOf } from '../files.ts'
import { readSettings, type ModelSettings } from './settings.ts'

/** A packaged model: a folder NAME with NAME.onnx and NAME.json. */
export interface PackagedModel {
  readonly name: string
  readonly folder: string
  /** The model file. */
  readonly onnx: string
  /** The settings file. */
  readonly json: string
  readonly settings: ModelSettings
}

/** Opens a packaged model: ours, or ivadomed's. A folder that was renamed may hold one pair of another name. */
export async function openPackage(folder: string): Promise<PackagedModel> {
  const path = resolve(folder)
  const files = await filesOf(path)
  const name = [basename(path), ...files.map(stemOf('.onnx'))].find(
    stem => files.includes(`${stem}.onnx`) && files.includes(`${stem}.json`),
  )
  if (name === undefined) return fail({ kind: 'package-missing', path: folder, detail: missing(basename(path), files) })
  const json = join(path, `${name}.json`)
  return { name, folder: path, onnx: join(path, `${name}.onnx`), json, settings: readSettings(await readFile(json, 'utf8'), json) }
}

const stemOf = (extension: string) => (file: string) => (file.endsWith(extension) ? file.slice(0, -extension.length) : '')

async function filesOf(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort()
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return fail({ kind: 'file-missing', path, role: 'the folder of the model' })
    if (code === 'ENOTDIR') return fail({ kind: 'package-missing', path, detail: 'it is a file' })
    throw error
  }
}

function missing(name: string, files: readonly string[]): string {
  if (files.includes(`${name}.pt`) && !files.includes(`${name}.onnx`))
    return `it holds ${name}.pt, a file of Python code, and no ${name}.onnx; ivadomed_convert_to_onnx makes one`
  if (files.length === 0) return 'it is empty'
  return `it holds ${files.slice(0, 8).join(', ')}${files.length > 8 ? ' ...' : ''}`
}
