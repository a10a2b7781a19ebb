import { bytes, double, float, whole, type Field } from './protobuf.ts'
import { record } from './record.ts'

/** A picture as TensorBoard shows it: a PNG file. */
export interface Picture {
  readonly height: number
  readonly width: number
  /** Values of a pixel: 1 of a grey picture, 3 of a coloured one. */
  readonly channels: 1 | 3
  readonly png: Uint8Array
}

/** What was measured at one step: numbers and pictures by tag. */
export interface Measurement {
  readonly step: number
  readonly scalars: Readonly<Record<string, number>>
  readonly pictures?: Readonly<Record<string, Picture>>
}

/** The name of a file of events: TensorBoard knows it by `tfevents`. Others have a time and a host's name behind it. */
export const eventsFile = 'events.out.tfevents.0.voxelpipe'

/**
 * A file of events that TensorBoard reads: `Event` messages (tensorflow/core/util/event.proto) as TFRecords. Wall times are the numbers
 * of the steps, as seconds since 1970: the same training gives the same bytes, whenever it ran.
 */
export const eventsOf = (measurements: readonly Measurement[]): Buffer =>
  Buffer.concat([event(0, [bytes(3, 'brain.Event:2')]), ...measurements.map(m => event(m.step, [whole(2, m.step), bytes(5, summary(m))]))])

const event = (wallTime: number, fields: readonly Field[]): Buffer => record(Buffer.concat([double(1, wallTime), ...fields]))

/** `Summary` (tensorflow/core/framework/summary.proto): a value a tag. */
const summary = ({ scalars, pictures = {} }: Measurement): readonly Field[] => [
  ...Object.entries(scalars).map(([tag, value]) => bytes(1, [bytes(1, tag), float(2, value)])),
  ...Object.entries(pictures).map(([tag, picture]) => bytes(1, [bytes(1, tag), bytes(4, image(picture))])),
]

const image = ({ height, width, channels, png }: Picture): readonly Field[] => [
  ...[whole(1, height), whole(2, width), whole(3, channels), bytes(4, png)],
]
