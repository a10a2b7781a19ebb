import { h } from './dom.ts'

/** A key, what it is called, and what it does. */
export interface Key {
  readonly keys: readonly string[]
  readonly words: string
  readonly press: (key: string) => void
}

/** Listens to keys, but for those that a control of the page means for itself. */
export function listen(keys: readonly Key[]): void {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const found = keys.find(key => key.keys.includes(event.key))
    if (!found) return
    event.preventDefault()
    found.press(event.key)
  })
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== 'checkbox')

/** The list of keys. */
export const keyHelp = (keys: readonly Key[]): HTMLElement =>
  h(
    'dl',
    { class: 'keys' },
    ...keys.flatMap(({ keys: [first = '', ...others], words }) => [
      h('dt', {}, h('kbd', {}, first), ...others.slice(-1).map(last => h('kbd', {}, last))),
      h('dd', {}, words),
    ]),
  )
