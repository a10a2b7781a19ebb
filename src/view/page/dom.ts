/** What an element is made with: attributes, `class`, and listeners under `onclick` and the like. */
export type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>
type Child = Node | string | undefined

/** An element with its attributes and children; text is text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]) {
  const element = document.createElement(tag)
  fill(element, attributes, children)
  return element
}

/** The same, of SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  fill(element, attributes, children)
  return element
}

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === 'function') element.addEventListener(name.slice('on'.length), value)
    else if (typeof value === 'boolean') element.toggleAttribute(name, value)
    else if (value !== undefined) element.setAttribute(name, String(value))
  element.append(...children.filter(child => child !== undefined))
}

/** The element of an id that the page is known to have. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element called ${id}`)
  return found
}
