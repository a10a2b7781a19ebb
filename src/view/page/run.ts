import type { ShownImage } from '../images.ts'
import type { RunPage } from '../run-page.ts'
import { afterEvent, emptyRun, type Point, type RunState } from '../run-state.ts'
import type { RunName } from '../runs.ts'
import { titleOf } from '../sweep-name.ts'
import { follow, getRun, pageOf } from './api.ts'
import { chartsOf } from './charts.ts'
import { byId, h } from './dom.ts'
import { Gallery } from './gallery.ts'
import { keyHelp, listen } from './keys.ts'
import { Stage } from './stage.ts'
import { stepsTable } from './steps.ts'
import { trialsTable } from './trials.ts'
import { diceWords } from './words.ts'

/** The page of a run. */
export async function showRun(name: RunName): Promise<void> {
  byId('title').textContent = `${name.pipeline} ${titleOf(name.run)}`
  document.title = `${name.pipeline} · voxelpipe`
  const page = new Page(name)
  page.show(await getRun(name))
  follow(name, event => page.hear(event))
  await page.stage.start()
}

class Page {
  readonly #name: RunName
  readonly stage: Stage
  readonly #gallery = new Gallery(image => this.#open(image))
  #run: RunState = emptyRun
  #curves: RunPage['curves'] = {}
  #shown = ''
  #drawing = 0

  constructor(name: RunName) {
    this.#name = name
    this.stage = new Stage(name)
    const keys = [
      { keys: ['n', 'ArrowRight'], words: 'next image', press: () => this.#go(1) },
      { keys: ['p', 'ArrowLeft'], words: 'previous image', press: () => this.#go(-1) },
      ...this.stage.keys,
    ]
    byId('images').append(this.#gallery.element)
    byId('keys').append(keyHelp(keys))
    listen(keys)
  }

  /** What the run has by now; the open image stays, and is drawn anew where there is more of it. */
  show({ images, axis, curves, facts, pages, trials }: RunPage): void {
    this.stage.axis = axis
    this.#curves = curves
    this.#gallery.images = images
    byId('run').classList.toggle('without-images', images.length === 0)
    byId('pages').replaceChildren(...pages.map(step => h('a', { href: `${pageOf(this.#name)}/pages/${encodeURIComponent(step)}` }, step)))
    byId('summary').replaceChildren(...facts.map(fact => h('p', {}, fact)), ...(trials ? [trialsTable(trials)] : []))
    const wanted = this.#gallery.find(decodeURIComponent(location.hash.slice(1))) ?? this.#gallery.current
    if (wanted && JSON.stringify(wanted) !== this.#shown) this.#open(wanted)
    this.#draw()
  }

  /** One more thing that happened. */
  hear(event: Parameters<typeof afterEvent>[1]): void {
    this.#run = afterEvent(this.#run, event)
    // Many come at once at first.
    cancelAnimationFrame(this.#drawing)
    this.#drawing = requestAnimationFrame(() => this.#draw())
    const isFresh = Date.now() - Date.parse(event.time) < 10_000
    if (event.type === 'node-done' && isFresh) void getRun(this.#name).then(run => this.show(run))
  }

  #open(image: ShownImage): void {
    this.#shown = JSON.stringify(image)
    this.stage.open(image)
    history.replaceState(undefined, '', `#${encodeURIComponent(image.id)}`)
    this.#gallery.mark(image)
    byId('facts').textContent = `${image.id} · Dice ${diceWords(image.dice)}`
  }

  #go(by: 1 | -1): void {
    const image = this.#gallery.neighbour(by)
    if (image) this.#open(image)
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
