import { UsageError } from './context.ts'

const sizes = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 } as const
const times = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

/** `20GB`, `1.5 TB`, `500MiB`: bytes. */
export const sizeOf = (option: string, text: string): number => amount(option, text, sizes, 'a size, such as 20GB or 500MB')

/** `30d`, `12h`, `2w`: ms. */
export const ageOf = (option: string, text: string): number => amount(option, text, times, 'a time, such as 30d, 12h or 2w')

/** `10%`: a part of 1. */
export function shareOf(option: string, text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text.trim())?.[1]
  const share = percent === undefined ? NaN : Number(percent) / 100
  if (!(share > 0 && share <= 1)) throw new UsageError([{ kind: 'bad-option', option, given: text, wants: 'a share, such as 10%' }])
  return share
}

function amount(option: string, text: string, units: Readonly<Record<string, number>>, wants: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? []
  const factor = units[unit.toLowerCase()]
  if (number === undefined || factor === undefined) throw new UsageError([{ kind: 'bad-option', option, given: text, wants }])
  return Number(number) * factor
}
