import { baseName, splitExtension } from './name.ts'

/** Finds the label files of images by their exact names below derivatives/. */
export interface LabelFinder {
  /** The file `<stem><suffix><extension>`, or undefined. `extensions` in order of preference. The stem is a `labelKey`. */
  find(stem: string, suffix: string, extensions: readonly string[]): string | undefined
  /** What stands after the stem in the names of an image's derivatives: `_seg-manual` ... */
  suffixesOf(stem: string): readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Indexes the files below derivatives/ by name. A file in the folder of another subject than it is named for is left
 * out with a warning; of several files of one name the one below derivatives/labels counts, else the first.
 */
export function labelFinder(files: readonly string[]): LabelFinder {
  const warnings: string[] = []
  const byName = new Map<string, string[]>()
  const byStemStart = new Map<string, string[]>()
  for (const path of files) {
    if (!path.startsWith('derivatives/')) continue
    const name = labelKey(path)
    const stray = strayFolder(path, name)
    if (stray !== undefined) {
      warnings.push(`${path} lies in the folder of ${stray} and is named for another subject: it is not used`)
      continue
    }
    push(byName, name, path)
    const [stem, extension] = splitExtension(name)
    if (extension !== '.json') push(byStemStart, firstWord(name), stem)
  }
  const find = (stem: string, suffix: string, extensions: readonly string[]): string | undefined => {
    const tail = suffix.startsWith('_') ? suffix : `_${suffix}`
    const found = extensions.flatMap(extension => byName.get(stem + tail + extension) ?? [])
    const chosen = found.find(path => path.startsWith('derivatives/labels/')) ?? found[0]
    if (found.length > 1) warnings.push(`${stem}${tail} is there ${found.length} times (${found.join(', ')}): ${chosen} is used`)
    return chosen
  }
  const suffixesOf = (stem: string): readonly string[] => {
    const names = byStemStart.get(firstWord(stem)) ?? []
    return names.filter(name => name.startsWith(`${stem}_`)).map(name => name.slice(stem.length))
  }
  return { find, suffixesOf, warnings }
}

/** What a file is known by: its name; before it the subject and session whose folders it lies in, where it does not name its subject. */
export function labelKey(path: string): string {
  const name = baseName(path)
  if (name.startsWith('sub-')) return name
  const folders = path.split('/').filter((folder, at, all) => at < all.length - 1 && /^(sub|ses)-/.test(folder))
  return [...folders, name].join('/')
}

const firstWord = (name: string): string => splitExtension(name)[0].split('_')[0]!

/** The subject folder that a derivative lies in, where that is not its own. */
function strayFolder(path: string, name: string): string | undefined {
  if (!baseName(path).startsWith('sub-')) return undefined
  const subject = name.slice(0, Math.max(0, name.indexOf('_')))
  return path
    .split('/')
    .slice(0, -1)
    .find(folder => folder.startsWith('sub-') && folder !== subject)
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
