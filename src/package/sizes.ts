import { fail } from '../failure.ts'
import type { PostOptions } from './options.ts'

/** Sizes as ivadomed writes them, one a class: `3mm3`, `10vox`, or `10` for voxels. All of one unit. */
export function removeSmallOf(texts: readonly string[]): PostOptions['removeSmall'] {
  const sizes = texts.map(text => {
    const match = /^(\d+)(vox|mm3)?$/.exec(text)
    if (!match) return fail({ kind: 'bad-option', option: '--remove-small', given: text, wants: 'sizes such as 10, 10vox or 3mm3' })
    return { thr: Number(match[1]), unit: match[2] === 'mm3' ? ('mm3' as const) : ('vox' as const) }
  })
  const unit = sizes[0]?.unit ?? 'vox'
  if (sizes.some(size => size.unit !== unit))
    fail({ kind: 'bad-option', option: '--remove-small', given: texts.join(' '), wants: 'one unit for all classes' })
  return { unit, thr: sizes.map(({ thr }) => thr) }
}
