import { encodePng } from '../image/png.ts'
import type { Film } from '../qc/film.ts'
import type { Picture } from './events.ts'

/** A validation slice over the epochs, and what it is called: `sub-01_T2w_slice3`. */
export interface NamedFilm {
  readonly name: string
  /** The epoch of the first prediction. */
  readonly firstEpoch: number
  readonly film: Film
}

/**
 * By epoch the pictures of it, by tag: `<name>/prediction`; with the first one `<name>/input` and `<name>/truth`, which stay the same.
 * TensorBoard shows the tags of a slice beside each other.
 */
export function filmPictures(films: readonly NamedFilm[]): ReadonlyMap<number, Readonly<Record<string, Picture>>> {
  const byEpoch = new Map<number, Record<string, Picture>>()
  for (const { name, firstEpoch, film } of films)
    for (const [i, prediction] of film.predictions.entries()) {
      const picture = (pixels: Uint8Array): Picture => ({
        ...{ height: film.height, width: film.width, channels: 1 },
        png: encodePng({ height: film.height, width: film.width, pixels }),
      })
      byEpoch.set(firstEpoch + i, {
        ...byEpoch.get(firstEpoch + i),
        ...(i === 0 && { [`${name}/input`]: picture(film.image), [`${name}/truth`]: picture(film.truth) }),
        [`${name}/prediction`]: picture(prediction),
      })
    }
  return byEpoch
}
