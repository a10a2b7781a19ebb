import type { SliceErrors } from '../../qc/errors.ts'
import type { ShownImage } from '../images.ts'
import type { RunPage } from '../run-page.ts'
import type { RunName } from '../runs.ts'
import { getErrors, lookUrlOf } from './api.ts'
import { byId, h } from './dom.ts'
import type { Key } from './keys.ts'
import { Layers } from './layers.ts'
import { Scene, type Plane } from './scene.ts'
import { wordsOf } from './words.ts'

const views: readonly Plane[] = ['three planes', 'axial', 'coronal', 'sagittal', 'solid']

/** The open image: at once as a picture of its worst slice, which the server draws, and as planes and layers when NiiVue is there. */
export class Stage {
  readonly #name: RunName
  readonly #layers: Layers
  readonly #canvas = byId('canvas') as HTMLCanvasElement
  readonly #look = byId('look') as HTMLImageElement
  #scene: Scene | undefined
  #plane: Plane = 'three planes'
  #image: ShownImage | undefined
  #errors: SliceErrors | undefined
  #opening = 0
  /** Ends when the image that was asked for last is on the canvas. */
  #opened = Promise.resolve()
  axis: RunPage['axis'] = 'axial'
  readonly keys: readonly Key[] = [
    { keys: ['w'], words: 'worst slice', press: () => this.#worst() },
    { keys: ['ArrowUp', 'ArrowDown'], words: 'slice by slice', press: key => this.#scene?.step(this.axis, key === 'ArrowUp' ? 1 : -1) },
    { keys: ['v'], words: 'another view', press: () => this.#view(views[(views.indexOf(this.#plane) + 1) % views.length] ?? 'axial') },
    { keys: ['o'], words: 'outlines of masks', press: () => byId('outlines').click() },
    {
      keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
      words: 'a layer, on or off',
      press: key => this.#layers.toggle(Number(key) - 1),
    },
  ]

  constructor(name: RunName) {
    this.#name = name
    this.#layers = new Layers(name, error => this.#say(wordsOf(error), true))
    this.#look.addEventListener('error', () => (this.#look.hidden = true))
    this.#look.addEventListener('load', () => (this.#look.hidden = false))
    byId('layers').append(this.#layers.element)
    byId('views').append(...views.map(view => h('button', { 'data-view': view, onclick: () => this.#view(view) }, view)))
    byId('worst').addEventListener('click', () => this.#worst())
    byId('outlines').addEventListener('change', () => this.#scene?.setOutlines(isChecked('outlines')))
    byId('smooth').addEventListener('change', () => this.#scene?.setSmooth(isChecked('smooth')))
    this.#enable(false)
  }

  /** Gets NiiVue, which is large and keeps the page busy: not before the first look is on the screen. */
  async start(): Promise<void> {
    await this.#look.decode().catch(() => undefined)
    await painted()
    try {
      await addScript('/assets/niivue.js')
      this.#scene = await Scene.on(this.#canvas, words => (byId('place').textContent = words))
    } catch (error) {
      // Most likely a browser without WebGL 2; the looks are there all the same.
      return this.#say(`Planes and layers cannot be shown (${wordsOf(error)}): of each image there is its worst slice.`, true)
    }
    this.#layers.scene = this.#scene
    this.#enable(true)
    this.#view(this.#plane)
    this.#scene.setOutlines(isChecked('outlines'))
    this.#scene.setSmooth(isChecked('smooth'))
    if (this.#image) this.open(this.#image)
  }

  /** Shows an image in the place of what there is. */
  open(image: ShownImage): void {
    const mine = ++this.#opening
    this.#image = image
    this.#canvas.dataset['shown'] = ''
    const src = lookUrlOf(this.#name, image.id)
    // The page came with the look at the worst.
    if (this.#opening > 1 || location.hash) this.#look.src = src
    this.#layers.image = image
    if (!this.#scene) return this.#say(legend)
    const errors = getErrors(this.#name, image.id)
    // One after the other, and only what is still wanted when its turn comes: keys that are held down ask for many.
    this.#opened = this.#opened.then(async () => {
      if (mine === this.#opening) await this.#place(image, await errors)
    })
    this.#opened = this.#opened.catch((error: unknown) => this.#say(wordsOf(error), true))
  }

  async #place(image: ShownImage, errors: SliceErrors | undefined): Promise<void> {
    await this.#layers.show()
    this.#errors = errors
    byId('worst').toggleAttribute('disabled', !errors?.worst)
    this.#worst()
    if (this.#image !== image) return
    this.#say('')
    this.#canvas.dataset['shown'] = image.id
  }

  #say(words: string, isProblem = false): void {
    byId('wait').textContent = words
    byId('wait').className = isProblem ? 'problem' : ''
  }

  #enable(is: boolean): void {
    for (const control of document.querySelectorAll('.bar button, .bar input')) control.toggleAttribute('disabled', !is)
  }

  #worst(): void {
    if (this.#errors?.worst) this.#scene?.goTo(this.#errors.worst.pointRas)
  }

  #view(plane: Plane): void {
    this.#plane = plane
    this.#scene?.setPlane(plane)
    for (const button of byId('views').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset['view'] === plane))
  }
}

const legend = 'its worst slice: label blue, mask orange, green where both run. Planes and layers follow.'
const isChecked = (id: string): boolean => (byId(id) as HTMLInputElement).checked

/** When what there is by now is on the screen. */
const painted = (): Promise<void> => new Promise(done => requestAnimationFrame(() => setTimeout(done)))

const addScript = (src: string): Promise<void> =>
  new Promise((done, refuse) => {
    document.head.append(h('script', { src, onload: () => done(), onerror: () => refuse(new Error(`${src} did not come`)) }))
  })
