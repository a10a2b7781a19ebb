import { cornerDistance, voxelSizes } from '../image/affine.ts'
import { channelPlace } from '../image/channel-place.ts'
import { hwdGrid } from '../image/hwd.ts'
import { axisCodes } from '../image/orientation.ts'
import { pixelSizeOf } from '../image/pixel-size.ts'
import { readImageFile, readLabelFile } from '../image/read-file.ts'
import type { ImageHeader } from '../image/volume.ts'
import { describe } from '../failure.ts'
import { isFinding, note, orFinding, warning, type Finding } from './finding.ts'
import { look, type Look } from './look.ts'

/** A file as it is found on disk, and as messages name it. */
export interface CheckedFile {
  readonly path: string
  readonly name: string
}

/** A label of an image, or its region of interest. */
export interface CheckedLabel extends CheckedFile {
  /** What it is of: a suffix such as `_seg-manual`. */
  readonly target: string
}

/** One image of the index with everything that belongs to it. */
export interface ImageToCheck extends CheckedFile {
  readonly id: string
  readonly contrast: string
  readonly labels: readonly CheckedLabel[]
  /** What its sidecars say: of pictures the size of their pixels. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A label that could be read: how much it marks. */
export interface LabelFacts {
  readonly target: string
  readonly marked: number
  readonly mm3: number
}

/** What was found in the files of one image. */
export interface ImageCheck {
  readonly id: string
  readonly contrast: string
  readonly findings: readonly Finding[]
  /** Undefined where the image cannot be read. */
  readonly header?: ImageHeader
  readonly digest?: string
  readonly labels: readonly LabelFacts[]
}

/** Reads an image and then, one by one, its labels: one volume in memory at a time. */
export async function checkImage(image: ImageToCheck): Promise<ImageCheck> {
  const { id, contrast } = image
  const size = await orFinding(async () => pixelSizeOf(image.name, image.metadata))
  if (isFinding(size)) return { id, contrast, findings: [size], labels: [] }
  const seen = await orFinding(() => look(image.path, readImageFile(image.path, size)))
  const findings: Finding[] = isFinding(seen) ? [seen] : imageFindings(seen, image.name)
  const labels: LabelFacts[] = []
  for (const label of image.labels) {
    const drawn = await orFinding(() => look(label.path, readLabelFile(label.path, size, true)))
    if (isFinding(drawn)) findings.push(drawn)
    else {
      findings.push(...labelFindings(drawn, label.name))
      if (!isFinding(seen)) findings.push(...placeFindings(seen.header, drawn.header, image, label))
      const voxelMm3 = voxelSizes(drawn.header.affine).reduce((a, b) => a * b)
      labels.push({ target: label.target, marked: drawn.marked, mm3: drawn.marked * voxelMm3 })
    }
  }
  return { id, contrast, findings, labels, ...(isFinding(seen) ? {} : { header: seen.header, digest: seen.digest }) }
}

const imageFindings = ({ min, max }: Look, name: string): Finding[] =>
  min === max ? [warning(`every voxel is ${min}: there is nothing to see in ${name}`)] : []

function labelFindings({ marked, soft, max, others }: Look, name: string): Finding[] {
  const values = [...others].sort(([a], [b]) => a - b).map(([value, count]) => `${value} (${voxels(count)})`)
  return [
    ...(marked > 0 ? [] : [warning(max > 0 ? `no voxel reaches 0.5, at most ${max}: ${name}` : `the label is empty: ${name}`)]),
    ...(soft > 0 ? [note(`a soft label, ${voxels(soft)} between 0 and 1: ${name}`)] : []),
    ...(values.length > 0 ? [warning(`values other than 0 and 1: ${values.join(', ')}: ${name}`)] : []),
  ]
}

const voxels = (count: number): string => `${count} voxel${count === 1 ? '' : 's'}`

/** How far, in voxels, a label may lie from its image without a word: as when slices are cut. */
const farInVoxels = 0.1

/** Whether a label lies where its image does, after both are turned to RAS as they are when slices are cut. */
function placeFindings(image: ImageHeader, label: ImageHeader, at: CheckedFile, of: CheckedFile): Finding[] {
  const [grid, wanted] = [hwdGrid(label, 'axial'), hwdGrid(image, 'axial')]
  if (grid.shape.some((n, axis) => n !== wanted.shape[axis])) {
    const shapes = { imageShape: stored(image), labelShape: stored(label) }
    return [{ level: 'error', what: describe({ kind: 'label-shape', image: at.path, label: of.path, ...shapes }) }]
  }
  const apart = cornerDistance(grid.shape, grid.affine, wanted.affine)
  const [codes, wantedCodes] = [axisCodes(label.affine), axisCodes(image.affine)]
  return [
    ...(apart > farInVoxels * Math.min(...image.spacing)
      ? [warning(`the label lies up to ${apart.toPrecision(3)} mm from its image by the two headers: ${of.name}`)]
      : []),
    ...(codes === wantedCodes
      ? []
      : [note(`the label is stored as ${codes} and its image as ${wantedCodes}; both are turned: ${of.name}`)]),
  ]
}

/** Whether the channels of an image share one grid: what slices cannot be cut of is an error. */
export function gridFindings(channels: readonly { readonly name: string; readonly header?: ImageHeader | undefined }[]): Finding[] {
  const [first, ...others] = channels
  return others.flatMap(({ name, header }) => {
    if (!first?.header || !header) return []
    const { fits, together, apartMm } = channelPlace(first.header, header)
    const shapes = { first: first.name, second: name, firstShape: stored(first.header), secondShape: stored(header) }
    return together ? [] : [{ level: 'error', what: describe({ kind: 'channel-grid', ...shapes, ...(fits && { apartMm }) }) }]
  })
}

const stored = (header: ImageHeader): string => `${header.shape.join(' x ')} (${axisCodes(header.affine)})`
