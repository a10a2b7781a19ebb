import type { EpochRecord } from '../net/curves.ts'
import { eventsOf, type Measurement } from './events.ts'
import { filmPictures, type NamedFilm } from './films.ts'

/**
 * The curves of a training as files of events by the name of a run of TensorBoard's: `train` and `validation` have the tag `loss` both, so
 * that one chart shows both. What is undefined in an epoch is left out. Slices that were watched are pictures of `validation`.
 */
export function curveEvents(
  curves: readonly EpochRecord[],
  films: readonly NamedFilm[] = [],
): Readonly<Record<'train' | 'validation', Buffer>> {
  const pictures = filmPictures(films)
  const at = ({ epoch }: EpochRecord, scalars: Readonly<Record<string, number | null>>): Measurement => ({
    step: epoch,
    scalars: Object.fromEntries(Object.entries(scalars).flatMap(([tag, value]) => (value === null ? [] : [[tag, value] as const]))),
  })
  return {
    train: eventsOf(curves.map(e => at(e, { loss: e.trainLoss, learning_rate: e.learningRate }))),
    validation: eventsOf(
      curves.map(e => ({
        ...at(e, { loss: e.validationLoss, dice: e.validationDice, dice_all_slices: e.validationDiceGlobal }),
        pictures: pictures.get(e.epoch) ?? {},
      })),
    ),
  }
}
