import { encodePng, type Grey } from '../image/png.ts'
import { viridis } from '../image/viridis.ts'
import type { Case } from './cases.ts'
import { UNDECIDED, type SliceView } from './case-views.ts'
import { figure, plural } from './figures.ts'
import { html, type Html } from './html.ts'
import { outline, type Mask } from './outline.ts'

/** An image that is shown, with its slices. */
export interface ShownCase extends Case {
  readonly contrast: string
  /** The metric that cases are ranked by, as people call it. */
  readonly metric: string
  readonly slices: readonly SliceView[]
}

/** The id of the element of a case: by number, since images are called as their files are. */
export const caseId = (at: number): string => `case-${at + 1}`

const ranks = { worst: 'Worst', median: 'Median', best: 'Best' } as const

/** The cases with what the lines and colours mean. */
export const casesSection = (cases: readonly ShownCase[]): Html =>
  cases.length === 0
    ? html`<p class="note">No image has a value to be ranked by.</p>`
    : html`<p>Of every image the slices with the most errors, and the one with the most truth. Left: outlines of ground truth and prediction. Right: where they agree, and where not.</p>
${legend(cases.some(c => c.slices.some(s => s.uncertainty)))}
${cases.map(caseView)}`

const legend = (uncertain: boolean): Html => html`<ul class="keys" aria-label="What lines and colours mean">
<li><span class="on-dark"><i class="line t"></i>ground truth</span></li><li><span class="on-dark"><i class="line p"></i>prediction</span></li>
<li><i class="k-tp"></i>true positive</li><li><i class="k-fp"></i>false positive</li><li><i class="k-fn"></i>false negative</li>
${uncertain && html`<li><i class="scale" style="background:linear-gradient(90deg,${ramp()})"></i>uncertainty: entropy 0 to ${figure(UNDECIDED)}</li>`}</ul>`

const ramp = (): string => Array.from({ length: 11 }, (_, i) => `rgb(${viridis(i / 10).join(' ')})`).join(',')

function caseView({ image, rank, score, contrast, metric, slices }: ShownCase, at: number): Html {
  const id = caseId(at)
  return html`<article class="case" id="${id}"><h3>${ranks[rank]}: ${image} <small>${contrast}, ${metric} ${figure(score)}</small></h3>
<div class="slices">${slices.map((view, i) => sliceView(view, `${image}, slice ${view.slice}`, `${id}-${i + 1}`))}</div></article>\n`
}

/** The side that pictures have on the page at most, in CSS pixels, and how many of these a pixel of the image gets at most. */
const SIDE = 163
const LARGEST_ZOOM = 4

function sliceView(view: SliceView, name: string, id: string): Html {
  const { width, height } = view.grey
  // Pixels are as wide and high as their voxels are in space.
  const least = Math.min(...view.spacing)
  const [sx, sy] = view.spacing.map(mm => mm / least) as [number, number]
  const zoom = Math.min(LARGEST_ZOOM, SIDE / Math.max(width * sx, height * sy))
  const panel = (label: string, content: Html): Html =>
    html`<svg viewBox="0 0 ${width} ${height}" width="${Math.round(width * sx * zoom)}" height="${Math.round(height * sy * zoom)}" preserveAspectRatio="none" role="img" aria-label="${label}">${content}</svg>`
  const parts = compared(view)
  const picture = html`<use href="#${id}"/>`
  const truth = html`<path class="truth" d="${view.truth.map(outline).join('')}"/>`
  const prediction = html`<path class="prediction" d="${view.prediction.map(outline).join('')}"/>`
  const areas = (['tp', 'fp', 'fn'] as const).map(kind => html`<path class="area ${kind}" d="${outline(parts[kind])}"/>`)
  const counts = inWords(parts)
  return html`<figure class="slice"><div class="panels">
${panel(`${name}: the image with the outlines of ground truth and prediction`, html`<image id="${id}" image-rendering="pixelated" width="${width}" height="${height}" preserveAspectRatio="none" href="${dataUri(view.grey)}"/>${truth}${prediction}`)}
${panel(`${name}: ${counts}`, html`${picture}${areas}`)}
${view.uncertainty && panel(`${name}: uncertainty of the prediction`, html`<image image-rendering="pixelated" width="${width}" height="${height}" preserveAspectRatio="none" href="${dataUri(view.uncertainty, palette())}"/>${truth}`)}
</div><figcaption>slice ${view.slice}: ${counts}</figcaption></figure>`
}

const dataUri = (picture: Grey, colours?: Uint8Array): string => `data:image/png;base64,${encodePng(picture, colours).toString('base64')}`
const palette = (): Uint8Array => Uint8Array.from(Array.from({ length: 256 }, (_, i) => viridis(i / 255)).flat())

/** Where prediction and truth agree and where not, in any class: of touching classes a voxel may be false for one and missed for another. */
export interface Compared {
  readonly tp: Mask
  readonly fp: Mask
  readonly fn: Mask
}

/** Compares the classes of a slice one by one. */
export function compared({ truth, prediction, grey: { height, width } }: Pick<SliceView, 'truth' | 'prediction' | 'grey'>): Compared {
  const where = (holds: (t: boolean, p: boolean) => boolean): Mask => ({
    height,
    width,
    pixels: Uint8Array.from({ length: height * width }, (_, i) =>
      truth.some(({ pixels }, c) => holds(pixels[i] !== 0, prediction[c]!.pixels[i] !== 0)) ? 1 : 0,
    ),
  })
  return { tp: where((t, p) => t && p), fp: where((t, p) => !t && p), fn: where((t, p) => t && !p) }
}

const count = ({ pixels }: Mask): number => pixels.reduce((sum, v) => sum + v, 0)

/** `310 voxels right, 8 false, 20 missed`. */
const inWords = ({ tp, fp, fn }: Compared): string => `${plural(count(tp), 'voxel')} right, ${count(fp)} false, ${count(fn)} missed`
