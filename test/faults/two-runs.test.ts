import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Place, readEvents, type Finished, type PipeOptions, type Ran } from './place.ts'

let place: Place
beforeEach(() => {
  place = new Place()
  writeFileSync(place.at('log.held'), '')
  for (const name of ['whole', 'parts']) writeFileSync(place.at(`${name}.mjs`), nodes[name as keyof typeof nodes])
  place.pipeline(
    () => `name: small
steps:
  first: { node: ./whole.mjs, params: { word: first, log: ${place.at('log')} } }
  parts: { node: ./parts.mjs, params: { log: ${place.at('log')} }, inputs: { from: first } }
  last: { node: ./whole.mjs, params: { word: last, log: ${place.at('log')} }, inputs: { from: parts } }
`,
  )
})
afterEach(() => place.remove())

// Every piece of work is a line of the log: what ran twice is there twice. The step `first` goes on when it is let go.
const start = `import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { artifact, defineEachNode, defineNode, maybe, z } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).pathname)}
const any = artifact('any', z.unknown())
`
const nodes = {
  whole: `${start}export default defineNode({
  summary: 'one file', version: 1, params: z.object({ word: z.string(), log: z.string() }), inputs: { from: maybe(any) }, output: any,
  async run({ params, dir }) {
    appendFileSync(params.log, params.word + '\\n')
    while (params.word === 'first' && existsSync(params.log + '.held')) await sleep(20)
    writeFileSync(dir + '/word.txt', params.word)
    return { word: params.word }
  },
})`,
  parts: `${start}export default defineEachNode({
  summary: 'six files', version: 1, params: z.object({ log: z.string() }), inputs: { from: maybe(any) }, output: any,
  each: {
    shared: [], parallel: true,
    elements: ({ params }) => ['a', 'b', 'c', 'd', 'e', 'f'].map(id => ({ id, value: params.log, files: {} })),
    async run({ id, value, dir }) {
      appendFileSync(value, id + '\\n')
      await sleep(100)
      writeFileSync(dir + '/' + id + '.txt', id)
      return id
    },
    collect: ({ results }) => Object.fromEntries(results),
  },
})`,
}
const log = (): readonly string[] => readFileSync(place.at('log'), 'utf8').trim().split('\n')
const everything = ['a', 'b', 'c', 'd', 'e', 'f', 'first', 'last']
const waits = (ran: Ran): readonly string[] => ran.events.filter(e => e.type === 'node-waits').map(e => e.step!)
const digests = (ran: Ran): readonly unknown[] => ran.events.filter(e => e.type === 'node-done').map(e => [e.step, e['digest']])

/** Lets the step `first` of whoever makes it end. */
const letGo = (): void => rmSync(place.at('log.held'), { force: true })
/** Two runs at once, of which one waits for the other's step `first`. */
const two = (...args: readonly string[]): Promise<readonly [Ran, Ran]> => {
  const one = (): Promise<Ran> => place.watch(args, e => e.type === 'node-waits' && e.step === 'first' && letGo())
  return Promise.all([one(), one()])
}

test('two runs at once make each thing once: who comes second waits, says for whom, and takes the result', async () => {
  const [a, b] = await two('--jobs', '2')
  expect([a.code, b.code], a.err + b.err).toEqual([0, 0])
  expect([...log()].sort()).toEqual(everything)
  expect([...waits(a), ...waits(b)]).toContain('first')
  expect(digests(a)).toEqual(digests(b))
})

test('who waits says it on the terminal, with the run and the process', async () => {
  let second: Promise<Finished> | undefined
  const first = place.watch([], e => {
    if (e.type === 'node-started' && e.step === 'first')
      second = place.pipe(['run', 'p.yaml'], { onOutput: out => out.includes('waits for the run') && letGo() })
  })
  expect((await first).code).toBe(0)
  expect((await second!).out).toMatch(/^… first {3,}waits for the run \d{8}-\d{6}-[0-9a-f]{6}, which makes the same \(\S+, process \d+\)$/m)
})

test('a run that is killed is noticed by the one that waits, which goes on', async () => {
  let second: Promise<Finished> | undefined
  const killed = await place.pipe(['run', 'p.yaml', '--json'], {
    onEvent: (e, kill) => {
      if (e.type !== 'node-started' || e.step !== 'first') return
      const onEvent: PipeOptions['onEvent'] = said => {
        if (said.type !== 'node-waits' || said.step !== 'first') return
        kill('SIGKILL')
        letGo()
      }
      second = place.pipe(['run', 'p.yaml', '--json'], { onEvent })
    },
  })
  expect(killed.code).toBe(null)
  const went = await second!
  expect(went.code, went.err).toBe(0)
  expect(readEvents(went.out).ran).toEqual(['first', 'parts 6/6', 'last'])
  expect(readdirSync(place.at('cache/leases'))).toEqual([])
})

test('a run that fails frees the one that waits, which tries for itself', async () => {
  writeFileSync(place.at('whole.mjs'), nodes.whole.replace('writeFileSync(dir', `throw new Error('no'); writeFileSync(dir`))
  const [a, b] = await two('--until', 'first')
  expect([a.code, b.code]).toEqual([1, 1])
  expect(log()).toEqual(['first', 'first'])
})

test('a run that is forced does not take what another makes', async () => {
  const [a, b] = await two('--until', 'first', '--force', 'first')
  expect([a.ran, b.ran]).toEqual([['first'], ['first']])
})
