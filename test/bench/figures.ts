import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'

/** One line of the results page. */
export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What it has to be: at most, or at least; the bound itself is allowed. */
  readonly target?: { readonly most: number } | { readonly least: number }
  /** What it was made from, in words and numbers. */
  readonly from?: string
}

/** Something to measure: the figures it gives, and the versions of what it was compared with. */
export interface Bench {
  readonly title: string
  run(): Promise<{ readonly figures: readonly Figure[]; readonly versions?: Readonly<Record<string, string>> }>
}

/** One bench, run once. */
export interface Outcome {
  readonly bench: string
  readonly title: string
  readonly date: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly figures: readonly Figure[]
}

export const resultsFolder = join(import.meta.dirname, 'results')
export const pageFile = join(import.meta.dirname, 'README.md')

/** The machine that this runs on. */
export const machine = (): Outcome['machine'] => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
})

export const isMet = ({ value, target }: Figure): boolean | undefined =>
  target && ('most' in target ? value <= target.most : value >= target.least)

export function saveOutcome(outcome: Outcome): void {
  mkdirSync(resultsFolder, { recursive: true })
  writeFileSync(join(resultsFolder, `${outcome.bench}.json`), `${JSON.stringify(outcome, undefined, 2)}\n`)
  writeFileSync(pageFile, page(savedOutcomes()))
}

const savedOutcomes = (): readonly Outcome[] =>
  readdirSync(resultsFolder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')) as Outcome)

/** The results page, made from the files in `results/`. */
export function page(outcomes: readonly Outcome[]): string {
  return `# What was measured

Made by \`npm run bench -- NAME\` (without a name it lists the benches); do not edit it. Every figure is of whole commands on the
machine named under it; ratios are against PyTorch in the same run, with equal settings and threads. PyTorch is the \`python3-torch\`
of Debian; another Python with PyTorch is named by VOXELPIPE_BENCH_PYTHON, another folder of datasets by VOXELPIPE_BENCH_DATA.

${outcomes.map(section).join('\n')}`
}

const section = ({ bench, title, date, machine, versions, figures }: Outcome): string => `## ${bench}: ${title}

| what | figure | target | met | from |
| --- | --- | --- | --- | --- |
${figures.map(row).join('\n')}

${date}; ${Object.entries(machine)
  .map(([k, v]) => `${k} ${v}`)
  .join(', ')}; ${Object.entries(versions)
  .map(([k, v]) => `${k} ${v}`)
  .join(', ')}
`

const row = (f: Figure): string => {
  const target = f.target ? ('most' in f.target ? `at most ${f.target.most}` : `at least ${f.target.least}`) : ''
  const met = { true: 'yes', false: '**no**', undefined: '' }[String(isMet(f)) as 'true' | 'false' | 'undefined']
  return `| ${[f.what, `${shown(f.value)} ${f.unit}`.trim(), target, met, f.from ?? ''].map(cell).join(' | ')} |`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Four digits that count. */
const shown = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(4))))
