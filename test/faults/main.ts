import { parseArgs } from 'node:util'
import { Harness, kinds, type Wrong } from './harness.ts'

// npm run test:faults -- --rounds 200 [--seed 7] [--kind flip]: so many rounds, the kinds in turn. Or --every: a kill at every call, before it and after it.
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
const rounds = values.every ? everyCall(harness) : inTurn(Number(values.rounds), Number(values.seed))
for (const [n, round] of rounds.entries()) {
  const found = await round()
  if (found) {
    wrong.push(found.round)
    console.log(`✗ ${found.round}\n    ${found.detail.replaceAll('\n', '\n    ')}`)
  }
  if ((n + 1) % 50 === 0) console.log(`${n + 1} of ${rounds.length} rounds, ${wrong.length} wrong`)
}
harness.close()
console.log(`${rounds.length} rounds in ${Math.round((performance.now() - started) / 1000)} s, ${wrong.length} wrong`)
process.exitCode = wrong.length === 0 ? 0 : 1

type Round = () => Promise<Wrong | undefined>

function inTurn(count: number, seed: number): readonly Round[] {
  return Array.from({ length: count }, (_, n) => () => harness.round(chosen[n % chosen.length]!, seed + Math.floor(n / chosen.length)))
}

function everyCall({ calls }: Harness): readonly Round[] {
  const whens = ['before', 'after', 'half'] as const
  return Array.from({ length: calls }, (_, call) => whens.map(when => () => harness.killRound({ kind: 'kill-at', call, when }))).flat()
}
