import type { RawImage } from './raw-images.ts'

/** Images that are one image to the network: its channels, in order. */
export interface ChannelGroup {
  /** What their names have in common: `sub-01_ses-02`. */
  readonly id: string
  readonly images: readonly RawImage[]
}

/** The groups, and the images that are in none, each with the reason. */
export interface Grouped {
  readonly groups: readonly ChannelGroup[]
  readonly left: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * Images whose names differ in nothing but the contrast (not in the session, not in the run), one of each of `contrasts`, in that
 * order. Where a contrast is missing, the others are not used, as in ivadomed; which groups by the subject alone, and so mixes
 * the sessions of a subject.
 */
export function groupChannels(images: readonly RawImage[], contrasts: readonly string[]): Grouped {
  const byEntities = new Map<string, RawImage[]>()
  for (const image of images) {
    const key = JSON.stringify(Object.entries(image.name.entities).sort(([a], [b]) => (a < b ? -1 : 1)))
    const group = byEntities.get(key)
    if (group) group.push(image)
    else byEntities.set(key, [image])
  }
  const groups: ChannelGroup[] = []
  const left: Grouped['left'][number][] = []
  for (const group of byEntities.values()) {
    const found = contrasts.map(contrast => group.filter(({ name }) => name.suffix === contrast))
    const missing = contrasts.filter((_, at) => found[at]!.length === 0)
    if (missing.length > 0)
      left.push(...group.map(({ path }) => ({ path, reason: `there is no ${missing.join(', no ')} of the same session and run` })))
    else groups.push({ id: commonId(found[0]![0]!), images: found.map(([first]) => first!) })
    for (const [first, ...twins] of missing.length > 0 ? [] : found)
      left.push(...twins.map(({ path }) => ({ path, reason: `${first!.path} has the same name` })))
  }
  return { groups, left }
}

/** The id without the contrast that it ends with. */
function commonId({ id, name }: RawImage): string {
  if (!id.endsWith(name.suffix)) return id
  return id.slice(0, id.length - name.suffix.length).replace(/[_.-]+$/, '') || id
}
