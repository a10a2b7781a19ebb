import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { benches } from './benches.ts'
import { isMet, machine, pageFile, saveOutcome, type Bench } from './figures.ts'
import { measure } from './measure.ts'
import { root } from './pipe.ts'

/** `npm run bench -- NAME...`: builds, measures, and writes results and page. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter(name => !Object.hasOwn(benches, name))
  if (names.length === 0 || unknown.length > 0) {
    if (unknown.length > 0) console.error(`no bench is called ${unknown.join(', ')}`)
    console.log(
      `npm run bench -- NAME...\n${Object.entries(benches)
        .map(([name, { title }]) => `  ${name.padEnd(14)} ${title}\n`)
        .join('')}`,
    )
    process.exitCode = unknown.length > 0 ? 2 : 0
    return
  }
  await measure(['npm', 'run', '--silent', 'build'], { cwd: root })
  for (const name of names) await one(name, benches[name]!)
  console.log(`\nwritten: ${pageFile}`)
}

async function one(name: string, bench: Bench): Promise<void> {
  console.log(`${name}: ${bench.title}`)
  const { figures, versions } = await bench.run()
  const date = new Date().toISOString().slice(0, 10)
  saveOutcome({ bench: name, title: bench.title, date, machine: machine(), versions: { ...ownVersions(), ...versions }, figures })
  for (const f of figures) {
    const met = isMet(f)
    console.log(
      `  ${met === undefined ? '   ' : met ? 'met' : 'NOT'}  ${f.what}: ${f.value.toPrecision(4)} ${f.unit}${f.from ? `  (${f.from})` : ''}`,
    )
  }
}

function ownVersions(): Record<string, string> {
  const of = (folder: string): string =>
    (JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { version: string }).version
  return { node: process.version, voxelpipe: of('.'), 'onnxruntime-node': of('node_modules/onnxruntime-node') }
}

await main(process.argv.slice(2))
