/** The mean position of an array's values (C order), in samples along each axis; undefined where they sum to 0. */
export function centreOfMass(data: ArrayLike<number>, shape: readonly number[]): readonly number[] | undefined {
  let total = 0
  for (let i = 0; i < data.length; i++) total += data[i]!
  if (total === 0) return undefined
  return shape.map((n, axis) => {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    let sum = 0
    for (let i = 0; i < data.length; i++) sum += data[i]! * (Math.floor(i / inner) % n)
    return sum / total
  })
}
