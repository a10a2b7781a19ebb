/** Holm's step-down correction of several p values, in their order; undefined ones do not count. As R's `p.adjust(p, "holm")`. */
export function holm(ps: readonly (number | undefined)[]): readonly (number | undefined)[] {
  const defined = ps.flatMap((p, at) => (p === undefined ? [] : [{ p, at }])).sort((a, b) => a.p - b.p)
  const adjusted: (number | undefined)[] = ps.map(() => undefined)
  let highest = 0
  defined.forEach(({ p, at }, k) => {
    highest = Math.max(highest, Math.min(1, (defined.length - k) * p))
    adjusted[at] = highest
  })
  return adjusted
}
