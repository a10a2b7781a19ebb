import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const main = resolve(import.meta.dirname, '../../dist/bundle/pipe.js')
let dir: string
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'pipe-')))
  cpSync(join(import.meta.dirname, 'nodes', 'number.ts'), join(dir, 'number.ts'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the built command in the test's own folder, as a user would. */
function pipe(
  args: readonly string[],
  options: { onOut?: (text: string, kill: (signal: NodeJS.Signals) => void) => void } = {},
): Promise<Finished> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: dir, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } })
    let out = ''
    let err = ''
    child.stdout.on('data', (d: Buffer) => {
      out += d.toString()
      options.onOut?.(out, signal => child.kill(signal))
    })
    child.stderr.on('data', (d: Buffer) => (err += d.toString()))
    child.on('error', reject)
    child.on('close', code => done({ code, out, err }))
  })
}

const write = (text: string): void => writeFileSync(join(dir, 'p.yaml'), text)
const events = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

const two = (first = '', second = ''): string => `name: sums
steps:
  one: { node: ./number.ts, params: { add: 1${first} } }
  two: { node: ./number.ts, inputs: { from: one }, params: { add: 2${second} } }
`

test('a run makes what is stale, and a second run executes nothing', async () => {
  write(two())
  const first = await pipe(['run', 'p.yaml', '--json'])
  expect(first.err).toBe('')
  expect(first.code).toBe(0)
  const done = (text: string) =>
    events(text)
      .filter(e => e['type'] === 'node-done')
      .map(e => [e['step'], e['how']])
  expect(done(first.out)).toEqual([
    ['one', 'ran'],
    ['two', 'ran'],
  ])
  const second = await pipe(['run', 'p.yaml', '--json'])
  expect(done(second.out)).toEqual([
    ['one', 'cached'],
    ['two', 'cached'],
  ])
  expect(JSON.parse(readFileSync(join(dir, 'runs/sums/latest/two/artifact.json'), 'utf8'))).toMatchObject({ value: { value: 3 } })
  expect(readFileSync(join(dir, 'runs/sums/latest/one/number.txt'), 'utf8')).toBe('1')
  expect(readdirSync(join(dir, 'runs/sums/latest'))).toEqual([
    'environment.json',
    'events.jsonl',
    'logs',
    'one',
    'pipeline.yaml',
    'run.log',
    'two',
  ])
})

test('--set changes one value, and the resolved pipeline of the run says so', async () => {
  write(two())
  await pipe(['run', 'p.yaml'])
  const run = await pipe(['run', 'p.yaml', '--set', 'two.add=40', '--json'])
  expect(
    events(run.out)
      .filter(e => e['type'] === 'node-done')
      .map(e => e['how']),
  ).toEqual(['cached', 'ran'])
  expect(readFileSync(join(dir, 'runs/sums/latest/pipeline.yaml'), 'utf8')).toContain('add: 40')
  const again = await pipe(['run', 'runs/sums/latest/pipeline.yaml'])
  expect(again.code).not.toBe(1)
})

test('what a step prints is in its log, and not on the screen', async () => {
  write(two())
  const run = await pipe(['run', 'p.yaml'])
  expect(run.out).not.toContain('working on 1')
  expect(readFileSync(join(dir, 'runs/sums/latest/logs/one.log'), 'utf8')).toContain('working on 1')
})

for (const [fault, message] of [
  ['exit', 'the process of step "two" ended unexpectedly (exit code 7)'],
  ['kill', 'the process of step "two" ended unexpectedly (killed by SIGKILL)'],
  ['throw', 'step "two" stopped on an error of the program: no such luck'],
] as const)
  test(`a step that ends by ${fault} is an ordinary failure: a message, exit 1, and what was done is kept`, async () => {
    write(two('', `, fault: ${fault}`))
    const run = await pipe(['run', 'p.yaml'])
    expect(run.code).toBe(1)
    expect(run.out + run.err).toContain(message)
    expect(run.out + run.err).not.toMatch(/^\s+at .*\(/m)
    write(two())
    const again = await pipe(['run', 'p.yaml', '--json'])
    expect(
      events(again.out)
        .filter(e => e['type'] === 'node-done')
        .map(e => e['how']),
    ).toEqual(['cached', 'ran'])
  })

test('a step that takes longer than its timeout is stopped', async () => {
  write(two('', ', fault: hang').replace('two: {', 'two: { timeout: 1,'))
  const run = await pipe(['run', 'p.yaml'])
  expect(run.code).toBe(1)
  expect(run.out + run.err).toContain('step "two" was stopped after 1 s, its timeout')
})

test('Ctrl-C cancels what runs, with exit 130, and the next run goes on', async () => {
  write(two('', ', fault: hang'))
  let sent = false
  const run = await pipe(['run', 'p.yaml', '--json'], {
    onOut: (text, kill) => {
      if (sent || !text.includes('"node-progress","step":"two"')) return
      sent = true
      kill('SIGINT')
    },
  })
  expect(run.code).toBe(130)
  expect(events(run.out).find(e => e['type'] === 'node-failed')).toMatchObject({ step: 'two', failure: { kind: 'cancelled' } })
  write(two())
  expect((await pipe(['run', 'p.yaml'])).code).toBe(0)
})

test('a run that is killed outright loses only the step it was in', async () => {
  write(two('', ', fault: hang'))
  let sent = false
  await pipe(['run', 'p.yaml', '--json'], {
    onOut: (text, kill) => {
      if (sent || !text.includes('"node-progress","step":"two"')) return
      sent = true
      kill('SIGKILL')
    },
  })
  write(two())
  const again = await pipe(['run', 'p.yaml', '--json'])
  expect(
    events(again.out)
      .filter(e => e['type'] === 'node-done')
      .map(e => e['how']),
  ).toEqual(['cached', 'ran'])
})

test('an edit of the code of a user node runs it again; an edit of its comments does not', async () => {
  write(two())
  await pipe(['run', 'p.yaml'])
  const source = readFileSync(join(dir, 'number.ts'), 'utf8')
  writeFileSync(join(dir, 'number.ts'), `// a remark\n${source.replaceAll('\n', '\n\n')}`)
  expect((await pipe(['plan', 'p.yaml'])).out).toContain('nothing to do')
  writeFileSync(join(dir, 'number.ts'), source.replace('?? 0) +', '?? 0) * 2 +'))
  expect((await pipe(['plan', 'p.yaml'])).out).toContain('stale  one  code of own')
})

test('plan and why say in words what changed', async () => {
  write(two())
  expect((await pipe(['plan', 'p.yaml'])).out).toContain('stale  one  it has never run')
  await pipe(['run', 'p.yaml'])
  const plan = await pipe(['plan', 'p.yaml', '--set', 'one.add=5'])
  expect(plan.out).toMatch(/stale {2}one {2}param add: 1 -> 5/)
  expect(plan.out).toMatch(/waits {2}two {2}for one/)
  const why = await pipe(['why', 'p.yaml', 'two', '--set', 'two.add=6'])
  expect(why.out).toBe('"two" would run; since the nearest earlier result:\n  param add: 2 -> 6\n')
})

test('--until, --from and --only choose steps; a stale step that is not chosen is named', async () => {
  write(two())
  const only = await pipe(['run', 'p.yaml', '--only', 'two'])
  expect(only.code).toBe(1)
  expect(only.out + only.err).toContain('step "two" needs "one", which is not up to date')
  const until = await pipe(['run', 'p.yaml', '--until', 'one', '--json'])
  expect(
    events(until.out)
      .filter(e => e['type'] === 'node-done')
      .map(e => e['step']),
  ).toEqual(['one'])
  expect((await pipe(['run', 'p.yaml', '--from', 'two'])).code).toBe(0)
})

test('a wrong pipeline is exit 2 with place, frame and nearest name, and runs nothing', async () => {
  write(two().replace('from: one', 'from: on').replace('add: 1', 'ad: 1'))
  const run = await pipe(['run', 'p.yaml'])
  expect(run.code).toBe(2)
  expect(run.err).toContain('p.yaml:3:')
  expect(run.err).toContain('p.yaml:4:')
  expect(run.err).toContain('"add"')
  expect(run.err).toContain('"one"')
  expect(existsSync(join(dir, 'runs'))).toBe(false)
})

test('wrong usage is exit 2 with a sentence', async () => {
  write(two())
  expect((await pipe(['run'])).code).toBe(2)
  expect((await pipe(['rum', 'p.yaml'])).err).toContain("unknown command 'rum'")
  const device = await pipe(['run', 'p.yaml', '--device', 'gpu'])
  expect([device.code, device.err]).toEqual([2, expect.stringContaining('--device cannot be "gpu"')])
  const until = await pipe(['run', 'p.yaml', '--until', 'tow'])
  expect([until.code, until.err]).toEqual([2, expect.stringContaining('two')])
  const none = await pipe(['run', 'p.yaml', '--from', 'two', '--until', 'one'])
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('no step lies between --from two and --until one')])
  const both = await pipe(['run', 'p.yaml', '--only', 'two', '--until', 'two'])
  expect([both.code, both.err]).toEqual([2, expect.stringContaining('--only does not go with --until')])
  const missing = await pipe(['run', 'nothing.yaml'])
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('nothing.yaml')])
})

test('a cache that cannot be written is said, not thrown', async () => {
  write(two())
  writeFileSync(join(dir, 'file'), '')
  const run = await pipe(['run', 'p.yaml', '--cache', 'file/cache'])
  expect([1, 2]).toContain(run.code)
  expect(run.out + run.err).toContain('cannot write')
  expect(run.out + run.err).not.toMatch(/^\s+at .*\(/m)
})

test('the cache moves with VOXELPIPE_CACHE and --cache, and clean empties it', async () => {
  write(two())
  await pipe(['run', 'p.yaml', '--cache', 'elsewhere'])
  expect(existsSync(join(dir, 'elsewhere', 'artifacts'))).toBe(true)
  expect(existsSync(join(dir, 'cache'))).toBe(false)
  expect((await pipe(['clean', '--cache', 'elsewhere', '--dry-run'])).out).toContain('would go: 2 things')
  expect((await pipe(['clean', '--cache', 'elsewhere'])).out).toContain('removed: 2 things')
  const left = readdirSync(join(dir, 'elsewhere'), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  expect(left.map(entry => entry.name)).toEqual([])
  expect((await pipe(['run', 'p.yaml', '--cache', 'elsewhere'])).code).toBe(0)
})

test('graph draws steps, arrows and states, for Mermaid and for Graphviz', async () => {
  write(two())
  await pipe(['run', 'p.yaml', '--until', 'one'])
  const mermaid = await pipe(['graph', 'p.yaml'])
  expect(mermaid.out).toContain('flowchart LR')
  expect(mermaid.out).toContain('s_one --> s_two')
  expect(mermaid.out).toMatch(/s_one\[.*\]:::fresh/)
  expect(mermaid.out).toMatch(/s_two\[.*\]:::stale/)
  expect((await pipe(['graph', 'p.yaml', '--dot'])).out).toContain('"one" -> "two"')
})

test('graph --svg draws the steps with their states, on the screen or into a file, and refuses what it cannot write', async () => {
  write(two())
  await pipe(['run', 'p.yaml', '--until', 'one'])
  const drawn = await pipe(['graph', 'p.yaml', '--svg'])
  expect([drawn.code, drawn.err]).toEqual([0, ''])
  expect(drawn.out).toMatch(/^<svg .*xmlns="http:\/\/www.w3.org\/2000\/svg".* aria-label="Steps of sums: one fresh, two stale\."/)
  expect(drawn.out.match(/<rect [^>]* fill="#\w+"/g)).toHaveLength(2)
  const file = await pipe(['graph', 'p.yaml', '--svg', '-o', 'graph.svg'])
  expect([file.code, file.out, readFileSync(join(dir, 'graph.svg'), 'utf8')]).toEqual([0, '', drawn.out])
  const refused = await pipe(['graph', 'p.yaml', '--svg', '-o', 'none/graph.svg'])
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('cannot write none/graph.svg')])
  expect((await pipe(['graph', 'p.yaml', '--svg', '--dot'])).code).toBe(2)
})

test('a page of a step is put into the folder of the run, with the steps, times and versions of this run', async () => {
  writeFileSync(
    join(dir, 'page.ts'),
    `import { writeFileSync } from 'node:fs'
import { artifact, defineNode, one, z } from 'voxelpipe'
export default defineNode({
  summary: 'a page',
  version: 1,
  page: 'page.html',
  params: z.strictObject({}),
  inputs: { from: one(artifact('number', z.object({ value: z.number() }))) },
  output: artifact('page', z.object({})),
  run: ({ dir }) => (writeFileSync(dir + '/page.html', '<p>a</p><!--run-->nothing<!--/run-->'), {}),
})
`,
  )
  write(`${two()}  look: { node: ./page.ts, inputs: { from: two } }\n`)
  const first = await pipe(['run', 'p.yaml'])
  expect(first.err).toBe('')
  expect(first.out).toMatch(/\nlook: runs\/sums\/[\w-]+\/look\.html\nlook at it: (npx )?pipe view runs\/sums\/latest\n$/)
  const page = () => readFileSync(join(dir, 'runs/sums/latest/look.html'), 'utf8')
  expect(page()).toContain('Steps of sums: one ran, two ran, look ran.')
  await pipe(['run', 'p.yaml', '--set', 'two.add=7', '--json'])
  expect(page()).toMatch(/^<p>a<\/p><p>Pipeline <strong>sums<\/strong>.*<dt>voxelpipe<\/dt>/s)
  expect(page()).toContain('Steps of sums: one cached, two ran, look ran.')
  // The result that is kept knows nothing of runs.
  expect(readFileSync(join(dir, 'runs/sums/latest/look/page.html'), 'utf8')).toContain('nothing')
})

test('help has examples everywhere, and nodes and schema know every stage', async () => {
  for (const command of [
    [],
    ['run'],
    ['plan'],
    ['why'],
    ['graph'],
    ['check'],
    ['nodes'],
    ['schema'],
    ['clean'],
    ['cache'],
    ['verify'],
    ['runs'],
    ['compare'],
    ['diff'],
  ]) {
    const help = await pipe([...command, '--help'])
    expect(help.code).toBe(0)
    expect(help.out).toMatch(/Examples?:/)
  }
  const nodes = await pipe(['nodes'])
  const schema = JSON.parse((await pipe(['schema'])).out) as object
  for (const name of ['download', 'bids-index', 'train', 'evaluate']) {
    expect(nodes.out).toContain(name)
    expect(JSON.stringify(schema)).toContain(`"${name}"`)
  }
  expect((await pipe(['nodes', 'trian'])).err).toContain('train')
})

test('results may be kept in another folder for records', async () => {
  write(two())
  mkdirSync(join(dir, 'records'))
  await pipe(['run', 'p.yaml', '--results', join(dir, 'records')])
  expect(readdirSync(join(dir, 'records')).length).toBeGreaterThan(0)
  expect((await pipe(['plan', 'p.yaml', '--results', join(dir, 'records')])).out).toContain('nothing to do')
  expect((await pipe(['run', 'p.yaml', '--results', 'ftp://x'])).err).toContain('no store for results is known')
})

test('a reader that stops reading, such as head, is no error', async () => {
  write(two())
  const { code, err } = await new Promise<{ code: number | null; err: string }>(done => {
    const child = spawn(process.execPath, [main, 'schema'], { cwd: dir })
    let err = ''
    child.stderr.on('data', (d: Buffer) => (err += d.toString()))
    child.stdout.destroy()
    child.on('close', code => done({ code, err }))
  })
  expect([code, err]).toEqual([0, ''])
})
