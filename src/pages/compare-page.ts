import { headMetric, mainMetrics, type ComparedMetric, type ComparedRun, type Comparison } from '../compare/compare.ts'
import { differencePlace, differenceValue, probability, verdict } from '../compare/words.ts'
import { figure, plural } from '../report/figures.ts'
import { html, type Html } from '../report/html.ts'
import { intervalWords } from '../report/mean-cell.ts'
import { pageOf, type Section } from '../report/page.ts'
import { sortableTable } from '../report/table.ts'
import { meansTable, pairsTable } from './metric-tables.ts'
import { movedSection } from './moved-section.ts'

/** What of a comparison is shown: every metric, or those that say how good a mask is. */
export interface Shown {
  readonly all: boolean
}

/** Runs held against each other as one HTML file that needs no other. */
export function comparePage(comparison: Comparison, { all }: Shown): string {
  const { runs, strata } = comparison
  const evaluated = runs.filter(run => run.evaluation !== null)
  const whole = strata[0]
  const shown = (metrics: readonly ComparedMetric[]) => (all ? metrics : mainMetrics(metrics))
  const section = (id: string, title: string, body: Html | undefined | false): Section[] => (body ? [{ id, title, body }] : [])
  const measured = whole && evaluated.length > 1
  return pageOf({
    title: `Comparison of ${plural(runs.length, 'run')}`,
    lead: html`${runNames(runs)}${measured && tiles(comparison, whole.metrics)}`,
    sections: [
      ...section('params', 'What differs', differencesBody(comparison)),
      ...section('metrics', 'Metrics', measured && metricsBody(comparison, shown)),
      ...section('moved', 'Who moved', measured && movedSection(comparison, shown(whole.metrics))),
      ...section('runs', 'The runs', runsBody(comparison)),
    ],
  })
}

const runNames = (runs: readonly ComparedRun[]): Html =>
  html`<dl class="facts">${runs.map(run => html`<dt>${run.label}</dt><dd>${run.name}</dd>`)}</dl>`

/** The means of the metric that stands for all; of two runs also what became of it. */
function tiles({ runs, per }: Comparison, metrics: readonly ComparedMetric[]): Html | undefined {
  const head = headMetric(metrics)
  if (!head) return undefined
  const [pair] = head.pairs.length === 1 ? head.pairs : []
  const isIn = (run: ComparedRun) => head.runs[run.label] !== undefined
  const tile = (name: string, big: string, small: string): Html =>
    html`<div class="tile"><dt>${name}</dt><dd><span class="big">${big}</span><small>${small}</small></dd></div>`
  return html`<dl class="tiles">${runs.filter(isIn).map(run => {
    const { mean, interval } = head.runs[run.label]!
    return tile(
      `${run.label}: ${head.metric}`,
      figure(mean),
      interval ? `95 % interval ${intervalWords(interval)}` : plural(run.images, 'image'),
    )
  })}
${pair && tile(`${pair.b} - ${pair.a}, ${plural(pair.pairs, per)}`, `${signed(pair.difference.mean)} ${verdict(head, pair)}`, `Wilcoxon p ${probability(pair.wilcoxon?.p)}, t test p ${probability(pair.t?.p)}`)}
</dl>`
}

const signed = (value: number | null): string => (value !== null && value > 0 ? `+${figure(value)}` : figure(value))

function differencesBody({ runs, differences, steps }: Comparison): Html {
  const [same, other] = [true, false].map(is => steps.filter(step => step.same === is).map(step => step.step)) as [string[], string[]]
  return html`${
    differences.length === 0
      ? html`<p>The pipelines are equal.</p>`
      : sortableTable({
          caption: 'Params, inputs, steps, code and programs that are not the same in all runs',
          columns: ['What differs', ...runs.map(run => run.label)].map(name => ({ name, numeric: false })),
          rows: differences.map(d => [differencePlace(d), ...runs.map(({ label }) => differenceValue(d.kind, d.values[label]))]),
        })
  }
<dl class="facts"><dt>Same results</dt><dd>${same.join(', ') || 'none'}</dd><dt>Other results</dt><dd>${other.join(', ') || 'none'}</dd></dl>`
}

function metricsBody(comparison: Comparison, shown: (metrics: readonly ComparedMetric[]) => readonly ComparedMetric[]): Html {
  return html`${comparison.strata.map(stratum => {
    const of = stratum.value === null ? '' : `${comparison.by}: ${stratum.value}, `
    const heading = `${of}${plural(stratum.images, 'image')} of ${plural(stratum.subjects, 'subject')}`
    const metrics = shown(stratum.metrics)
    return html`<h3>${heading}</h3>${meansTable(comparison, metrics, heading)}${pairsTable(comparison, metrics, heading)}`
  })}
<p class="note">Tests are two-sided and paired by ${comparison.per}. dz: Cohen's; r: rank-biserial correlation, 1 where all rise. Holm: corrected over all pairs of runs. A dash: undefined, since there are too few ${comparison.per}s, or all differences are equal.</p>`
}

function runsBody({ runs }: Comparison): Html {
  const remarks = runs.flatMap(({ label, remarks, missing }) => [
    ...remarks.map(remark => `${label}: ${remark}`),
    ...(missing.length > 0 ? [`${label} has not ${plural(missing.length, 'image')} that others have: ${missing.join(', ')}`] : []),
  ])
  const text = (name: string) => ({ name, numeric: false })
  return html`${sortableTable({
    caption: 'Runs',
    columns: [
      text(''),
      text('Run'),
      text('Started'),
      text('State'),
      text('Metrics of'),
      { name: 'Images', numeric: true },
      { name: 'Subjects', numeric: true },
    ],
    rows: runs.map(run => [
      ...[run.label, run.name, `${run.started.slice(0, 16).replace('T', ' ')} UTC`, run.state, run.evaluation ?? '–'],
      ...[run.images, run.subjects],
    ]),
  })}
${remarks.length > 0 && html`<ul>${remarks.map(remark => html`<li>${remark}</li>`)}</ul>`}`
}
