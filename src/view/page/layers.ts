import type { Layer, ShownImage } from '../images.ts'
import type { RunName } from '../runs.ts'
import { urlOf } from './api.ts'
import { h } from './dom.ts'
import { isShownAtFirst, lookOf, roleWords, type Look } from './looks.ts'
import type { Scene } from './scene.ts'

/** How the reader wants a kind of layer: kept from one image to the next. */
interface Wish {
  readonly isOn: boolean
  readonly look: Look
}

/** The layers of an image: which are seen, how, and the controls for that. */
export class Layers {
  readonly #scene: Scene
  readonly #run: RunName
  readonly #wishes = new Map<string, Wish>()
  #image: ShownImage | undefined
  readonly element = h('ul', { class: 'layers' })

  constructor(scene: Scene, run: RunName) {
    this.#scene = scene
    this.#run = run
  }

  /** Opens an image with the layers that are wished for. */
  async open(image: ShownImage): Promise<void> {
    this.#image = image
    const on = image.layers.filter(layer => this.#wish(layer).isOn)
    await this.#scene.show(on.map(layer => ({ layer, url: urlOf(this.#run, layer), look: this.#wish(layer).look })))
    this.#draw()
  }

  /** Shows or hides the nth layer, counted from 0. */
  async toggle(nth: number): Promise<void> {
    const layer = this.#image?.layers[nth]
    if (!layer) return
    const wish = this.#wish(layer)
    await this.#change(layer, { ...wish, isOn: !wish.isOn })
    this.#draw()
  }

  #wish(layer: Layer): Wish {
    const image = this.#image ?? { layers: [] }
    return this.#wishes.get(keyOf(layer)) ?? { isOn: isShownAtFirst(layer, image), look: lookOf(layer, image) }
  }

  async #change(layer: Layer, wish: Wish): Promise<void> {
    this.#wishes.set(keyOf(layer), wish)
    if (wish.isOn && !this.#scene.has(layer)) await this.#scene.add(layer, urlOf(this.#run, layer), wish.look)
    this.#scene.setOpacity(layer, wish.isOn ? wish.look.opacity : 0)
  }

  #draw(): void {
    this.element.replaceChildren(...(this.#image?.layers ?? []).map((layer, nth) => this.#row(layer, nth)))
  }

  #row(layer: Layer, nth: number): HTMLElement {
    const { isOn, look } = this.#wish(layer)
    const set = (change: Partial<Look>): void => {
      const wish = this.#wish(layer)
      void this.#change(layer, { ...wish, look: { ...wish.look, ...change } })
    }
    const name = `${roleWords[layer.role]} ${layer.label}`
    const input = (event: Event): HTMLInputElement | HTMLSelectElement => event.target as HTMLInputElement | HTMLSelectElement
    return h(
      'li',
      { 'data-role': layer.role },
      h(
        'label',
        { title: `key ${nth + 1}` },
        h('input', { type: 'checkbox', checked: isOn, onchange: () => void this.toggle(nth) }),
        h('span', { class: 'role' }, roleWords[layer.role]),
        ` ${layer.label}`,
      ),
      h('input', {
        ...{ type: 'range', min: 0, max: 1, step: 0.05, value: look.opacity, 'aria-label': `opacity of ${name}` },
        oninput: event => set({ opacity: Number(input(event).value) }),
      }),
      this.#colours(layer, look, name, colormap => {
        set({ colormap })
        this.#scene.setColormap(layer, colormap)
      }),
    )
  }

  #colours(layer: Layer, look: Look, name: string, choose: (colormap: string) => void): HTMLElement | undefined {
    if (layer.role === 'errors') return undefined
    const options = this.#scene.colormaps.map(map => h('option', { selected: map === look.colormap }, map))
    const select = h('select', { 'aria-label': `colours of ${name}`, onchange: () => choose(select.value) }, ...options)
    return select
  }
}

/** The same layer of every image. */
const keyOf = ({ role, label, step, volume }: Layer): string => [role, label, step, volume].join('\n')
