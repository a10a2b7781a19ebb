import type { SliceErrors } from '../../qc/errors.ts'
import type { ShownImage } from '../images.ts'
import type { RunPage } from '../run-page.ts'
import { afterEvent, emptyRun, type Point, type RunState } from '../run-state.ts'
import type { RunName } from '../runs.ts'
import { follow, getErrors, getRun } from './api.ts'
import { chartsOf } from './charts.ts'
import { byId, h } from './dom.ts'
import { Gallery } from './gallery.ts'
import { keyHelp, listen, type Key } from './keys.ts'
import { Layers } from './layers.ts'
import { Scene, type Plane } from './scene.ts'
import { stepsTable } from './steps.ts'
import { diceWords } from './words.ts'

const views: readonly Plane[] = ['three planes', 'axial', 'coronal', 'sagittal', 'solid']

/** The page of a run. */
export async function showRun(name: RunName): Promise<void> {
  byId('title').textContent = `${name.pipeline} ${name.run}`
  document.title = `${name.pipeline} · voxelpipe`
  const run = getRun(name)
  const page = new Page(name, await Scene.on(byId('canvas') as HTMLCanvasElement))
  await page.show(await run)
  follow(name, event => page.hear(event))
}

class Page {
  readonly #name: RunName
  readonly #scene: Scene
  readonly #layers: Layers
  readonly #gallery = new Gallery(image => void this.#open(image))
  readonly #keys: readonly Key[] = [
    { keys: ['n', 'ArrowRight'], words: 'next image', press: () => this.#go(1) },
    { keys: ['p', 'ArrowLeft'], words: 'previous image', press: () => this.#go(-1) },
    { keys: ['w'], words: 'worst slice', press: () => this.#worst() },
    { keys: ['ArrowUp', 'ArrowDown'], words: 'slice by slice', press: key => this.#scene.step(this.#axis, key === 'ArrowUp' ? 1 : -1) },
    { keys: ['v'], words: 'another view', press: () => this.#view(views[(views.indexOf(this.#plane) + 1) % views.length] ?? 'axial') },
    { keys: ['o'], words: 'outlines of masks', press: () => byId('outlines').click() },
    {
      keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
      words: 'a layer, on or off',
      press: key => void this.#layers.toggle(Number(key) - 1),
    },
  ]
  #plane: Plane = 'three planes'
  #run: RunState = emptyRun
  #axis: RunPage['axis'] = 'axial'
  #curves: RunPage['curves'] = {}
  #errors: SliceErrors | undefined
  #opening = 0
  #drawing = 0

  constructor(name: RunName, scene: Scene) {
    this.#name = name
    this.#scene = scene
    this.#layers = new Layers(scene, name)
    scene.onPlace = words => (byId('place').textContent = words)
    byId('images').append(this.#gallery.element)
    byId('layers').append(this.#layers.element)
    byId('keys').append(keyHelp(this.#keys))
    byId('views').append(...views.map(view => h('button', { 'data-view': view, onclick: () => this.#view(view) }, view)))
    byId('worst').addEventListener('click', () => this.#worst())
    byId('outlines').addEventListener('change', event => scene.setOutlines((event.target as HTMLInputElement).checked))
    byId('smooth').addEventListener('change', event => scene.setSmooth((event.target as HTMLInputElement).checked))
    listen(this.#keys)
    this.#view(this.#plane)
  }

  /** Reads anew what the run has by now. */
  async refresh(): Promise<void> {
    await this.show(await getRun(this.#name))
  }

  /** What the run has; the open image stays. */
  async show({ images, axis, curves }: RunPage): Promise<void> {
    this.#axis = axis
    this.#curves = curves
    const before = this.#gallery.current
    this.#gallery.images = images
    byId('run').classList.toggle('without-images', images.length === 0)
    const wanted = this.#gallery.find(decodeURIComponent(location.hash.slice(1))) ?? this.#gallery.current
    const isNew = JSON.stringify(wanted) !== JSON.stringify(before)
    if (wanted && (isNew || this.#opening === 0)) await this.#open(wanted)
    this.#draw()
  }

  /** One more thing that happened. */
  hear(event: Parameters<typeof afterEvent>[1]): void {
    this.#run = afterEvent(this.#run, event)
    // Many come at once at first.
    cancelAnimationFrame(this.#drawing)
    this.#drawing = requestAnimationFrame(() => this.#draw())
    const isFresh = Date.now() - Date.parse(event.time) < 10_000
    if (event.type === 'node-done' && isFresh) void this.refresh()
  }

  async #open(image: ShownImage): Promise<void> {
    const mine = ++this.#opening
    history.replaceState(undefined, '', `#${encodeURIComponent(image.id)}`)
    this.#gallery.mark(image)
    byId('facts').textContent = `${image.id} · Dice ${diceWords(image.dice)}`
    const canvas = byId('canvas')
    canvas.dataset['shown'] = ''
    const errors = getErrors(this.#name, image.id)
    await this.#layers.open(image)
    this.#errors = await errors
    // Another one was asked for meanwhile.
    if (mine !== this.#opening) return
    byId('worst').toggleAttribute('disabled', !this.#errors?.worst)
    this.#worst()
    canvas.dataset['shown'] = image.id
  }

  #worst(): void {
    if (this.#errors?.worst) this.#scene.goTo(this.#errors.worst.pointRas)
  }

  #go(by: 1 | -1): void {
    const image = this.#gallery.neighbour(by)
    if (image) void this.#open(image)
  }

  #view(plane: Plane): void {
    this.#plane = plane
    this.#scene.setPlane(plane)
    for (const button of byId('views').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset['view'] === plane))
  }

  #draw(): void {
    const { ok, steps, started } = this.#run
    const isLive = started !== undefined && ok === undefined
    byId('state').textContent = isLive ? 'running' : ok === true ? 'done' : ok === false ? 'failed' : ''
    byId('state').className = `state ${byId('state').textContent}`
    byId('steps').replaceChildren(...(steps.length ? [stepsTable(this.#run)] : []))
    byId('curves').replaceChildren(...this.#curvesByStep().flatMap(([, points]) => chartsOf(points)))
  }

  /** Of each step what is longer: what was told, or what its table holds. */
  #curvesByStep(): readonly (readonly [string, readonly Point[]])[] {
    const told = this.#run.curves
    const names = [...new Set([...Object.keys(this.#curves), ...Object.keys(told)])]
    return names.map(step => {
      const [here, there] = [told[step] ?? [], this.#curves[step] ?? []]
      return [step, here.length > there.length ? here : there] as const
    })
  }
}
