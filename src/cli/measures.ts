import { sparkline } from './sparkline.ts'
import { numberWords } from './units.ts'

/** What is known of a running step's numbers. */
export interface Measured {
  readonly metrics: Readonly<Record<string, number>>
  /** All values of a metric so far, oldest first. */
  readonly history: (name: string) => readonly number[]
}

/** Numbers that every training has, as the screen calls them, in the order of their worth; a name of undefined is not shown. */
const known: Readonly<Record<string, ((value: number, history: readonly number[]) => string) | undefined>> = {
  train_loss: value => `loss ${digits(value)}`,
  validation_loss: value => `validation ${digits(value)}`,
  validation_dice: (value, history) => `Dice ${digits(value)} ${sparkline(history, BARS)}`.trimEnd(),
  images_per_second: value => `${value < 10 ? value.toPrecision(2) : Math.round(value)} images/s`,
  learning_rate: undefined,
}

/** Bars of a sparkline: what fits beside the other numbers into 80 columns. */
const BARS = 16
const digits = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : String(value))

/** The numbers of a running step in words, at most one line of them: `loss 0.2134  validation 0.3012  Dice 0.8712 ▁▃▅▇  312 images/s`. */
export function measureWords({ metrics, history }: Measured): string {
  const inOrder = Object.keys(known).flatMap(name => {
    const value = metrics[name]
    return value === undefined ? [] : (known[name]?.(value, history(name)) ?? [])
  })
  const others = Object.entries(metrics).filter(([name]) => !Object.hasOwn(known, name))
  return [...inOrder, ...others.map(([name, value]) => `${name} ${numberWords(value)}`)].join('  ')
}
