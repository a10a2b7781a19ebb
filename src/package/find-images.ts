import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fail } from '../failure.ts'
import { listFiles } from '../files.ts'
import type { ModelSettings } from './settings.ts'

/** One image to segment: a file a channel. */
export interface FoundImage {
  /** The stem of what is written. */
  readonly name: string
  readonly files: readonly string[]
}

const nifti = /\.nii(\.gz)?$/i
const image = /\.(nii(\.gz)?|png|tiff?)$/i
const stem = (file: string): string => basename(file).replace(image, '')

/** The images that an argument names: a file, the files of several channels with commas between them, or a BIDS folder. */
export async function findImages(argument: string, settings: ModelSettings): Promise<readonly FoundImage[]> {
  const files = argument.split(',').filter(part => part !== '')
  const kind = files.length === 1 ? await kindOf(argument) : 'file'
  if (kind === 'folder') return inFolder(argument, settings)
  const other = files.find(file => !image.test(file))
  if (other !== undefined) fail({ kind: 'unknown-image-format', path: other })
  return [{ name: stem(files[0]!), files }]
}

async function kindOf(path: string): Promise<'folder' | 'file'> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return fail({ kind: 'file-missing', path, role: 'the image' })
  return found.isDirectory() ? 'folder' : 'file'
}

/**
 * The images of a BIDS folder that have the contrasts of the model, without those of derivatives; channels are put together. Pictures
 * (PNG, TIFF) are images where there is no NIfTI: beside it they may be of anything.
 */
async function inFolder(folder: string, { contrasts, multichannel }: ModelSettings): Promise<readonly FoundImage[]> {
  const files = await listFiles(folder, { skip: name => name === 'derivatives' || name.startsWith('.') })
  const kind = files.some(file => nifti.test(file)) ? nifti : image
  const paths = files.filter(path => kind.test(path))
  const suffixOf = (path: string): string => stem(path).split('_').at(-1)!
  const wanted = paths.filter(path => contrasts.length === 0 || contrasts.includes(suffixOf(path)))
  if (wanted.length === 0) fail({ kind: 'no-image-found', path: folder })
  if (!multichannel) return wanted.map(path => ({ name: stem(path), files: [join(folder, path)] }))
  const groups = grouped(wanted, path => path.replace(image, '').split('_').slice(0, -1).join('_'))
  return [...groups].map(([key, group]) => {
    const files = contrasts.flatMap(contrast => group.filter(path => suffixOf(path) === contrast))
    return { name: basename(key), files: files.map(path => join(folder, path)) }
  })
}

/** Items by a key, in the order in which keys first come. */
function grouped(items: readonly string[], keyOf: (item: string) => string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
