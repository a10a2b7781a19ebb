import type { Tree } from './tree.ts'

/** What sort of value this is: `a list`, `a number`. */
export function kindWords(tree: Tree): string {
  if (tree.kind === 'mapping') return 'a mapping'
  if (tree.kind === 'list') return 'a list'
  if (tree.kind === 'hole' || tree.value === null) return 'empty'
  return { string: 'text', number: 'a number', boolean: 'true or false' }[typeof tree.value as 'string' | 'number' | 'boolean']
}

/** The value as a message shows it: `5`, `the text "five"`, `a list of 3`. */
export function givenWords(tree: Tree): string {
  if (tree.kind === 'mapping') return tree.entries.size ? 'a mapping' : 'an empty mapping'
  if (tree.kind === 'list') return tree.items.length ? `a list of ${tree.items.length}` : 'an empty list'
  if (tree.kind === 'hole' || tree.value === null) return 'empty'
  if (typeof tree.value === 'string') return `the text ${JSON.stringify(shorten(tree.value))}`
  return unlikeWritten(tree.value, tree.source) ? `${tree.value} (written ${tree.source})` : String(tree.value)
}

/** YAML reads 0123 as 123 and 1e3 as 1000: then both are shown. */
const unlikeWritten = (value: number | boolean, source: string): boolean =>
  typeof value === 'number' && /^[-+.\d]/.test(source) && source !== String(value)

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)
