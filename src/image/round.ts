/** To the nearest integer, ties to the even one, as Python and numpy round: 0.5 -> 0, 1.5 -> 2, -3.5 -> -4. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x)
  const rest = x - low
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1
  return low % 2 === 0 ? low : low + 1
}
