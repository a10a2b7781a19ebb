import type { Layer, ShownImage } from '../images.ts'
import type { RunName } from '../runs.ts'
import { urlOf } from './api.ts'
import { h } from './dom.ts'
import { errorColours, flat, isShownAtFirst, lookOf, roleWords, type Look } from './looks.ts'
import type { Scene } from './scene.ts'

/** How the reader wants a kind of layer: kept from one image to the next. */
interface Wish {
  readonly isOn: boolean
  readonly look: Look
}

/** The layers of an image: which are seen, how, and the controls for that. */
export class Layers {
  readonly #run: RunName
  readonly #refuse: (error: unknown) => void
  readonly #wishes = new Map<string, Wish>()
  #scene: Scene | undefined
  #image: ShownImage | undefined
  readonly element = h('ul', { class: 'layers' })

  /** `refuse` is told what went wrong while a layer was got. */
  constructor(run: RunName, refuse: (error: unknown) => void) {
    this.#run = run
    this.#refuse = refuse
  }

  /** What draws them; until it is there the controls wait. */
  set scene(scene: Scene) {
    this.#scene = scene
    this.#draw()
  }

  set image(image: ShownImage) {
    this.#image = image
    this.#draw()
  }

  /** Puts the layers that are wished for onto the scene, in the place of those of another image. */
  async show(): Promise<void> {
    const on = (this.#image?.layers ?? []).filter(layer => this.#wish(layer).isOn)
    await this.#scene?.show(on.map(layer => ({ layer, url: urlOf(this.#run, layer), look: this.#wish(layer).look })))
  }

  /** Shows or hides the nth layer, counted from 0. */
  toggle(nth: number): void {
    const layer = this.#image?.layers[nth]
    if (!layer || !this.#scene) return
    const wish = this.#wish(layer)
    this.#change(layer, { ...wish, isOn: !wish.isOn })
    this.#draw()
  }

  #wish(layer: Layer): Wish {
    const image = this.#image ?? { layers: [] }
    return this.#wishes.get(keyOf(layer)) ?? { isOn: isShownAtFirst(layer, image), look: lookOf(layer, image) }
  }

  #change(layer: Layer, wish: Wish): void {
    this.#wishes.set(keyOf(layer), wish)
    const scene = this.#scene
    if (!scene) return
    const got = wish.isOn && !scene.has(layer) ? scene.add(layer, urlOf(this.#run, layer), wish.look) : Promise.resolve()
    got.then(() => scene.setOpacity(layer, this.#wish(layer).isOn ? this.#wish(layer).look.opacity : 0)).catch(this.#refuse)
  }

  #draw(): void {
    this.element.replaceChildren(...(this.#image?.layers ?? []).map((layer, nth) => this.#row(layer, nth)))
  }

  #row(layer: Layer, nth: number): HTMLElement {
    const { isOn, look } = this.#wish(layer)
    const set = (change: Partial<Look>): void => {
      const wish = this.#wish(layer)
      this.#change(layer, { ...wish, look: { ...wish.look, ...change } })
    }
    const name = `${roleWords[layer.role]} ${layer.label}`
    const input = (event: Event): HTMLInputElement | HTMLSelectElement => event.target as HTMLInputElement | HTMLSelectElement
    return h(
      'li',
      { 'data-role': layer.role },
      h(
        'label',
        { title: `key ${nth + 1}` },
        h('input', { type: 'checkbox', checked: isOn, disabled: !this.#scene, onchange: () => this.toggle(nth) }),
        swatch(look.colormap),
        h('span', { class: 'role' }, roleWords[layer.role]),
        ` ${layer.label}`,
      ),
      h('input', {
        ...{ type: 'range', min: 0, max: 1, step: 0.05, value: look.opacity, disabled: !this.#scene, 'aria-label': `opacity of ${name}` },
        oninput: event => set({ opacity: Number(input(event).value) }),
      }),
      this.#colours(layer, look, name, colormap => {
        set({ colormap })
        this.#scene?.setColormap(layer, colormap)
      }),
    )
  }

  #colours(layer: Layer, look: Look, name: string, choose: (colormap: string) => void): HTMLElement | undefined {
    if (layer.role === 'errors') return undefined
    const options = (this.#scene?.colormaps ?? [look.colormap]).map(map => h('option', { selected: map === look.colormap }, map))
    const select = h(
      'select',
      { 'aria-label': `colours of ${name}`, disabled: !this.#scene, onchange: () => choose(select.value) },
      ...options,
    )
    return select
  }
}

/** The colours of a mask or of errors, as a key to what is on the canvas. */
function swatch(colormap: string): HTMLElement | undefined {
  const one = flat[colormap]
  const colours = colormap === 'errors' ? errorColours : one && [{ label: colormap, colour: one }]
  if (!colours) return undefined
  return h(
    'span',
    { class: 'swatches' },
    ...colours.map(({ label, colour }) => {
      const square = h('span', { class: 'swatch', title: label })
      square.style.background = `rgb(${colour.join()})`
      return square
    }),
  )
}

/** The same layer of every image. */
const keyOf = ({ role, label, step, volume }: Layer): string => [role, label, step, volume].join('\n')
