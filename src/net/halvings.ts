import { fail } from '../failure.ts'
import type { Net } from './net.ts'

/** Fails where a network halves images so often that nothing is left of the smallest. `images`: by id, with height and width. */
export function checkHalvings(net: Net, images: Readonly<Record<string, { readonly shape: readonly number[] }>>): void {
  const halvings = net.layers.filter(layer => layer.op === 'maxpool').length
  for (const [image, { shape }] of Object.entries(images))
    if (Math.min(...shape) < 2 ** halvings) fail({ kind: 'slices-too-small', image, size: shape.join(' x '), halvings })
}
