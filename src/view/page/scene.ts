import type { Niivue, NVImage } from '@niivue/niivue'
import { isMicrograph } from '../../image/formats.ts'
import type { Layer } from '../images.ts'
import { errorColours, flat, type Look } from './looks.ts'

/** How the volumes are looked at. */
export type Plane = 'three planes' | 'axial' | 'coronal' | 'sagittal' | 'solid'
type Axis = 'axial' | 'coronal' | 'sagittal'

/** A layer on the canvas. */
interface Placed {
  readonly volume: NVImage
  look: Look
}

/** The canvas: layers of one image over each other, and a crosshair that says where. */
export class Scene {
  readonly #nv: Niivue
  readonly #placed = new Map<Layer, Placed>()
  /** Whether pictures are shown, which stand upright, as people know them. */
  #upright = false

  private constructor(nv: Niivue) {
    this.#nv = nv
  }

  /** `onPlace` is told of the place of the crosshair, in words. */
  static async on(canvas: HTMLCanvasElement, onPlace: (words: string) => void): Promise<Scene> {
    const nv = new niivue.Niivue({
      ...{ backColor: [0.11, 0.12, 0.14, 1], crosshairColor: [0.9, 0.9, 0.9, 0.6] },
      ...{ isNearestInterpolation: true, dragAndDropEnabled: false, show3Dcrosshair: true, isColorbar: false, logLevel: 'error' },
      ...{ crosshairWidth: 0.2, crosshairWidthUnit: 'percent' as const, crosshairGap: 1, fontColor: [1, 1, 1, 1] },
      // The page has keys of its own.
      ...{ viewModeHotKey: '', clipPlaneHotKey: '', cycleClipPlaneHotKey: '', loadingText: '' },
      multiplanarShowRender: niivue.SHOW_RENDER.NEVER,
    })
    for (const [name, [r, g, b]] of Object.entries(flat))
      nv.addColormap(name, { R: [r, r], G: [g, g], B: [b, b], A: [0, 255], I: [0, 255] })
    nv.onLocationChange = data => onPlace(wordsOf(data))
    await nv.attachToCanvas(canvas)
    return new Scene(nv)
  }

  /** Colour maps to choose from. */
  get colormaps(): readonly string[] {
    return [...Object.keys(flat), ...this.#nv.colormaps().filter(name => !name.startsWith('_') && !Object.hasOwn(flat, name))]
  }

  /** Takes away what there is, and lays these layers over each other, the first at the bottom. */
  async show(layers: readonly { readonly layer: Layer; readonly url: string; readonly look: Look }[]): Promise<void> {
    this.#placed.clear()
    this.#upright = layers.some(({ layer }) => isMicrograph(layer.path))
    await this.#nv.loadVolumes(layers.map(({ layer, url, look }) => optionsOf(layer, url, look)))
    layers.forEach(({ layer, look }, i) => this.#place(layer, look, this.#nv.volumes[i]))
    this.#nv.updateGLVolume()
  }

  /** Lays one more over them. */
  async add(layer: Layer, url: string, look: Look): Promise<void> {
    this.#place(layer, look, await this.#nv.addVolumeFromUrl(optionsOf(layer, url, look)))
    this.#nv.updateGLVolume()
  }

  #place(layer: Layer, look: Look, volume: NVImage | undefined): void {
    if (!volume) throw new Error(`${layer.path} could not be shown`)
    if (this.#upright) stand(volume)
    if (look.colormap === 'errors') volume.setColormapLabel(errorMap)
    this.#placed.set(layer, { volume, look })
  }

  has(layer: Layer): boolean {
    return this.#placed.has(layer)
  }

  /** 0: not seen. */
  setOpacity(layer: Layer, opacity: number): void {
    const placed = this.#placed.get(layer)
    if (placed) this.#nv.setOpacity(this.#nv.volumes.indexOf(placed.volume), opacity)
  }

  setColormap(layer: Layer, colormap: string): void {
    const placed = this.#placed.get(layer)
    if (placed) this.#nv.setColormap(placed.volume.id, colormap)
  }

  setPlane(plane: Plane): void {
    this.#nv.setSliceType(niivue.SLICE_TYPE[planes[plane]])
  }

  /** The outlines of masks rather than their areas. */
  setOutlines(on: boolean): void {
    this.#nv.overlayOutlineWidth = on ? 1 : 0
    this.#nv.updateGLVolume()
  }

  setSmooth(on: boolean): void {
    this.#nv.setInterpolation(!on)
  }

  /** Moves the crosshair to a point, in RAS millimetres. */
  goTo(point: readonly [number, number, number]): void {
    if (this.#nv.volumes.length === 0) return
    this.#nv.scene.crosshairPos = this.#nv.mm2frac(this.#upright ? upright(point) : [...point])
    this.#nv.createOnLocationChange()
    this.#nv.drawScene()
  }

  /** Moves it by slices. */
  step(axis: Axis, by: 1 | -1): void {
    const along = (other: Axis): number => (axis === other ? by : 0)
    this.#nv.moveCrosshairInVox(along('sagittal'), along('coronal'), along('axial'))
    this.#nv.createOnLocationChange()
  }
}

const planes = { 'three planes': 'MULTIPLANAR', axial: 'AXIAL', coronal: 'CORONAL', sagittal: 'SAGITTAL', solid: 'RENDER' } as const

/** Of pictures the canvas shows micrometres: it draws nothing of what is as small as their pixels are in millimetres. */
const perMm = 1000

/** Where the canvas has a point of a picture: rows, which are the first axis of its grid, go down, and columns to the right. */
const upright = ([x, y, z]: readonly [number, number, number]): [number, number, number] => [y * perMm, -x * perMm, z * perMm]

/** Stands a picture, or its mask, upright. */
function stand(volume: NVImage): void {
  const { hdr } = volume
  if (!hdr) return
  const points = hdr.affine.slice(0, 3) as [number[], number[], number[]]
  const columns = [0, 1, 2, 3].map(c => upright([points[0][c]!, points[1][c]!, points[2][c]!]))
  hdr.affine = [...[0, 1, 2].map(r => columns.map(column => column[r]!)), [0, 0, 0, 1]]
  hdr.pixDims = hdr.pixDims.map((size, i) => (i >= 1 && i <= 3 ? size * perMm : size))
  volume.calculateRAS()
}

/** What NiiVue tells formats by; pictures come as NIfTI. */
const nameOf = (path: string): string => `${path.split('/').at(-1) ?? path}${isMicrograph(path) ? '.nii' : ''}`

const optionsOf = (layer: Layer, url: string, { colormap, opacity, range }: Look) => ({
  ...{ url, name: nameOf(layer.path), opacity, frame4D: layer.volume },
  colormap: colormap === 'errors' ? 'gray' : colormap,
  ...(range && { cal_min: range[0], cal_max: range[1] }),
})

const channel = (c: 0 | 1 | 2): number[] => [0, ...errorColours.map(({ colour }) => colour[c])]
const errorMap = {
  ...{ R: channel(0), G: channel(1), B: channel(2), A: [0, 255, 255, 255], I: [0, 1, 2, 3] },
  labels: ['', ...errorColours.map(({ label }) => label)],
}

/** NiiVue gives the place of the crosshair and the values there as a text. */
const wordsOf = (data: unknown): string =>
  typeof data === 'object' && data !== null && 'string' in data && typeof data.string === 'string' ? data.string : ''
