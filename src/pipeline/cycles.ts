/** Every cycle that a walk over the steps closes, as its trail: `[a, b, a]` where a reads b and b reads a. */
export function cycles(inputsOf: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (step: string): void => {
    const start = trail.indexOf(step)
    if (start >= 0) found.push([...trail.slice(start), step])
    if (start >= 0 || done.has(step)) return
    trail.push(step)
    for (const input of inputsOf.get(step) ?? []) visit(input)
    trail.pop()
    done.add(step)
  }
  for (const step of inputsOf.keys()) visit(step)
  return found
}
