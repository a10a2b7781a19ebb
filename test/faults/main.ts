import { parseArgs } from 'node:util'
import { Harness, kinds } from './harness.ts'

// npm run test:faults -- --rounds 200 [--seed 7] [--kind flip]: so many rounds, the kinds in turn; then every single call is killed at.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
    every: { type: 'boolean', default: false },
  },
})
const chosen = kinds.filter(kind => values.kind === undefined || kind === values.kind)
if (chosen.length === 0) throw new Error(`no kind is called ${values.kind}; there are: ${kinds.join(', ')}`)

const harness = await Harness.open()
const started = performance.now()
console.log(`an undisturbed run changes the disk ${harness.calls} times`)
const wrong: string[] = []
const rounds = Number(values.rounds)
for (let n = 0; n < rounds; n++) {
  const kind = chosen[n % chosen.length]!
  const found = await harness.round(kind, Number(values.seed) + Math.floor(n / chosen.length))
  if (found) {
    wrong.push(found.round)
    console.log(`✗ ${found.round}\n    ${found.detail.replaceAll('\n', '\n    ')}`)
  }
  if ((n + 1) % 50 === 0) console.log(`${n + 1} of ${rounds} rounds, ${wrong.length} wrong`)
}
harness.close()
console.log(`${rounds} rounds in ${Math.round((performance.now() - started) / 1000)} s, ${wrong.length} wrong`)
process.exitCode = wrong.length === 0 ? 0 : 1
