import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hashFile } from '../files.ts'
import type { Predictor } from '../net/engine.ts'
import { readNpy } from '../npy.ts'
import { answerOf, checkFile } from './check-input.ts'
import type { PackagedModel } from './open.ts'
import { digestsFile, promisedDigests } from './write.ts'

/** How far an answer may lie from the stored one: another processor adds in another order. */
const tolerance = 1e-4

/** What was found of a package: problems, and what could not be looked at. */
export interface Verified {
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** Compares a package's files with their digests, and what its model says of a made input with the answer stored in it. */
export async function verifyPackage({ folder, settings }: PackagedModel, predictor: Predictor): Promise<Verified> {
  const problems: string[] = []
  const notes: string[] = []
  if (!existsSync(join(folder, digestsFile))) notes.push(`it has no ${digestsFile}, so its files are not compared`)
  else
    for (const [file, promised] of await promisedDigests(folder)) {
      const path = join(folder, file)
      if (!existsSync(path)) problems.push(`${file} is missing`)
      else if ((await hashFile(path)) !== promised) problems.push(`${file} has changed`)
    }
  const channels = settings.multichannel ? settings.contrasts.length : 1
  const answer = await answerOf(predictor, channels, settings.volume?.length)
  if (answer.shape[1] !== settings.targets.length)
    problems.push(`the model gives ${answer.shape[1]} classes, and its settings name ${settings.targets.length}`)
  if (!existsSync(join(folder, checkFile))) notes.push(`it has no ${checkFile}, so its answer is not compared`)
  else {
    const stored = await readNpy(join(folder, checkFile))
    const same = stored.shape.join() === answer.shape.join()
    const apart = same ? answer.data.reduce((most, v, i) => Math.max(most, Math.abs(v - Number(stored.data[i]))), 0) : Infinity
    if (!(apart <= tolerance)) problems.push(`its answer to the made input differs from the stored one by ${apart.toPrecision(3)}`)
    else notes.push(`its answer to the made input is the stored one, to ${apart.toPrecision(2)}`)
  }
  return { problems, notes }
}
