import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile } from '../files.ts'
import type { Predictor } from '../net/engine.ts'
import { writeNpy } from '../npy.ts'
import { packageCard } from './card.ts'
import { answerOf, checkFile } from './check-input.ts'
import { packageConfig, type ToPackage } from './config.ts'

/** Where the digests of a package's files lie, as `sha256sum -c` reads them. */
export const digestsFile = 'SHA256SUMS'

/** Writes the folder of a packaged model below `dir`; gives the names of its files, relative to `dir`. */
export async function writePackage(dir: string, given: ToPackage, onnx: string, channels: number, predictor: Predictor): Promise<string[]> {
  const { name } = given.about
  const at = (file: string): string => join(dir, name, file)
  await mkdir(join(dir, name), { recursive: true })
  await copyFile(onnx, at(`${name}.onnx`))
  await writeFile(at(`${name}.json`), packageConfig(given))
  await writeFile(at('README.md'), packageCard(given))
  await writeCheck(join(dir, name), channels, predictor)
  const files = await writeDigests(join(dir, name), [`${name}.onnx`, `${name}.json`, 'README.md'])
  return files.map(file => `${name}/${file}`)
}

/** Writes what the model says of the made input. */
export async function writeCheck(folder: string, channels: number, predictor: Predictor): Promise<void> {
  const { shape, data } = await answerOf(predictor, channels)
  await writeNpy(join(folder, checkFile), 'float32', shape, data)
}

/** Writes the digests of a package's files and of its answer; gives the names of all that are then there. */
export async function writeDigests(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const all = [...files, checkFile]
  const lines = await Promise.all(all.map(async file => `${await hashFile(join(folder, file))}  ${file}\n`))
  await writeFile(join(folder, digestsFile), lines.join(''))
  return [...all, digestsFile]
}

/** What the digests file promises: file to sha256. */
export async function promisedDigests(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(folder, digestsFile), 'utf8')
  return new Map(
    text.split('\n').flatMap(line => (/^([0-9a-f]{64}) [ *](.+)$/.exec(line) ? [[line.slice(66), line.slice(0, 64)] as const] : [])),
  )
}
