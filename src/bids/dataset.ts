import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a dataset calls itself in its dataset_description.json, else `dataset`. Never where it lies. */
export function datasetName(dir: string): string {
  try {
    const description: unknown = JSON.parse(readFileSync(join(dir, 'dataset_description.json'), 'utf8'))
    if (typeof description === 'object' && description !== null && 'Name' in description) {
      const name = description.Name
      if (typeof name === 'string' && name.trim()) return name.trim()
    }
  } catch {
    // Only a name to show: a description that is missing or broken is reported where it matters, by the index.
  }
  return 'dataset'
}
