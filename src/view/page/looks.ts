import type { Layer, Role, ShownImage } from '../images.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** How a layer is drawn at first. */
export interface Look {
  /** One of NiiVue's colour maps, or one of ours (`flat`). */
  readonly colormap: string
  readonly opacity: number
  /** The values that the colour map goes from and to; what lies below is not drawn. */
  readonly range?: readonly [number, number]
}

// Of the palette of Okabe and Ito, which all eyes can tell apart; per class one of each.
const truths: readonly Colour[] = [
  [86, 180, 233],
  [0, 158, 115],
  [204, 121, 167],
]
const masks: readonly Colour[] = [
  [230, 159, 0],
  [213, 94, 0],
  [240, 228, 66],
]

/** Colour maps of one colour, for masks: name -> colour. */
export const flat: Readonly<Record<string, Colour>> = Object.fromEntries([
  ...truths.map((colour, i) => [`label ${i + 1}`, colour] as const),
  ...masks.map((colour, i) => [`mask ${i + 1}`, colour] as const),
])

/** What errors are painted with, by their number in the volume. */
export const errorColours = [
  { value: 1, label: 'found', colour: [0, 158, 115] },
  { value: 2, label: 'false', colour: [213, 94, 0] },
  { value: 3, label: 'missed', colour: [86, 180, 233] },
] as const satisfies readonly { readonly value: number; readonly label: string; readonly colour: Colour }[]

/** Of masks and labels a voxel is in or out. */
const half = [0.5, 1] as const

const looks: Readonly<Record<Role, (nth: number) => Look>> = {
  image: nth => ({ colormap: nth === 0 ? 'gray' : 'bone', opacity: nth === 0 ? 1 : 0.5 }),
  truth: nth => ({ colormap: `label ${(nth % truths.length) + 1}`, opacity: 0.5, range: half }),
  mask: nth => ({ colormap: `mask ${(nth % masks.length) + 1}`, opacity: 0.5, range: half }),
  prediction: () => ({ colormap: 'plasma', opacity: 0.6, range: [0.05, 1] }),
  uncertainty: () => ({ colormap: 'inferno', opacity: 0.7 }),
  errors: () => ({ colormap: 'errors', opacity: 0.6 }),
}

/** How a layer of an image is drawn at first: by its role, and by how many of that role come before it. */
export function lookOf(layer: Layer, { layers }: Pick<ShownImage, 'layers'>): Look {
  const nth = layers.filter(({ role }) => role === layer.role).indexOf(layer)
  return looks[layer.role](nth)
}

/** What the roles are called. */
export const roleWords: Readonly<Record<Role, string>> = {
  image: 'image',
  truth: 'label',
  mask: 'mask',
  prediction: 'prediction',
  uncertainty: 'uncertainty',
  errors: 'errors',
}

/** Which layers are there when an image is opened: the image, the labels, and the masks (else the predictions). */
export function isShownAtFirst(layer: Layer, { layers }: Pick<ShownImage, 'layers'>): boolean {
  if (layer.role === 'image') return layer === layers.find(({ role }) => role === 'image')
  const result = layers.some(({ role }) => role === 'mask') ? 'mask' : 'prediction'
  return layer.role === 'truth' || layer.role === result
}
