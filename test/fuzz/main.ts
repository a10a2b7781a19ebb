import { fork } from 'node:child_process'
import { fuzz, targetNames, targetOf, type Ended } from './round.ts'

/** How long a round may be silent before it counts as a hang. */
const SILENCE_MS = 20_000

/** A round that ended, from the process that runs them. */
interface Said {
  readonly round: number
  readonly ended: Ended
}

/** `npm run test:fuzz -- --rounds 10000 [--seed 1]`: rounds in a child process, so that a crash and a hang are seen and told, too. */
async function main(): Promise<void> {
  const [rounds, seed] = [option('rounds', 1000), option('seed', 1)]
  console.log(`${rounds} rounds from seed ${seed}`)
  const counts = new Map(targetNames.map(name => [name, { result: 0, message: 0, bug: 0 }]))
  const started = performance.now()
  const seen = ({ round, ended }: Said): void => {
    counts.get(targetOf(round))![ended.as]++
    if (ended.as === 'bug') console.log(`\nround ${round} (${targetOf(round)}): ${ended.detail}`)
  }
  for (let next = option('from', 0); next < rounds;) next = await batch(seed, next, rounds, seen)
  console.log(`\n${'target'.padEnd(14)}  result  message  bug`)
  for (const [name, { result, message, bug }] of counts)
    console.log(`${name.padEnd(14)}  ${String(result).padStart(6)}  ${String(message).padStart(7)}  ${String(bug).padStart(3)}`)
  const seconds = (performance.now() - started) / 1000
  console.log(`${rounds} rounds, seed ${seed}, ${seconds.toFixed(0)} s`)
  if ([...counts.values()].some(c => c.bug > 0)) process.exitCode = 1
}

/** Rounds until the end or until a process dies; the round to go on with. */
function batch(seed: number, from: number, to: number, seen: (said: Said) => void): Promise<number> {
  return new Promise(done => {
    const child = fork(import.meta.filename, ['rounds', String(seed), String(from), String(to)], { execArgv: process.execArgv })
    let next = from
    let timer = setTimeout(() => child.kill('SIGKILL'), 2 * SILENCE_MS)
    child.on('message', (said: Said) => {
      clearTimeout(timer)
      timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS)
      next = said.round + 1
      seen(said)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (next >= to) return done(next)
      seen({
        round: next,
        ended: { as: 'bug', detail: signal === 'SIGKILL' ? 'a hang, or no memory' : `the process ended with ${signal ?? code}` },
      })
      done(next + 1)
    })
  })
}

async function serve(seed: number, from: number, to: number): Promise<void> {
  for (let round = from; round < to; round++) {
    const ended = await fuzz(seed, round)
    await new Promise(sent => process.send!({ round, ended }, sent))
  }
  process.disconnect()
}

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

const [role, ...numbers] = process.argv.slice(2)
if (role === 'rounds') await serve(...(numbers.map(Number) as [number, number, number]))
else await main()
