import type { ShownImage } from '../images.ts'
import { h } from './dom.ts'
import { diceWords } from './words.ts'

/** The list of a run's images, one of which is open. */
export class Gallery {
  #images: readonly ShownImage[] = []
  #open: string | undefined
  readonly element = h('ol', { class: 'images' })
  readonly #choose: (image: ShownImage) => void

  constructor(choose: (image: ShownImage) => void) {
    this.#choose = choose
  }

  /** The images, the worst first. */
  set images(images: readonly ShownImage[]) {
    this.#images = images
    this.#draw()
  }

  get current(): ShownImage | undefined {
    return this.#images.find(image => image.id === this.#open) ?? this.#images[0]
  }

  /** The image that is `by` places from the open one; around the ends. */
  neighbour(by: 1 | -1): ShownImage | undefined {
    const at = this.#images.findIndex(image => image.id === this.#open)
    return this.#images[(at + by + this.#images.length) % this.#images.length]
  }

  mark(image: ShownImage): void {
    this.#open = image.id
    this.#draw()
    this.element.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }

  find(id: string): ShownImage | undefined {
    return this.#images.find(image => image.id === id)
  }

  #draw(): void {
    this.element.replaceChildren(...this.#images.map(image => this.#row(image)))
  }

  #row(image: ShownImage): HTMLElement {
    const bar = h('meter', { min: 0, max: 1, low: 0.5, high: 0.8, optimum: 1, value: image.dice ?? 0, 'aria-hidden': 'true' })
    const isOpen = image.id === this.#open
    return h(
      'li',
      {},
      h(
        'button',
        { ...(isOpen && { 'aria-current': 'true' }), onclick: () => this.#choose(image) },
        h('span', { class: 'id' }, image.id),
        h('span', { class: 'number' }, diceWords(image.dice)),
        image.dice === undefined ? undefined : bar,
        image.set === undefined || image.set === 'test' ? undefined : h('span', { class: 'set' }, image.set),
      ),
    )
  }
}
