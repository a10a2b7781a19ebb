import type { ShownTrial } from '../run-page.ts'
import { pageOf } from './api.ts'
import { h } from './dom.ts'
import { diceWords, timeWords } from './words.ts'

/** The trials of a sweep, with the values that vary. */
export function trialsTable(trials: readonly ShownTrial[]): HTMLElement {
  const keys = [...new Set(trials.flatMap(({ values }) => Object.keys(values)))]
  const head = ['trial', ...keys, 'state', 'time', 'mean Dice'].map(name => h('th', { scope: 'col' }, name))
  const rows = trials.map(({ trial, values, run }) => {
    const name = `trial ${trial}`
    const cells = [
      run ? h('a', { href: pageOf(run) }, name) : name,
      ...keys.map(key => (key in values ? JSON.stringify(values[key]) : '')),
      h('span', { class: `state ${run?.state ?? ''}` }, run?.state ?? 'no run'),
      run?.ms === undefined ? '' : timeWords(run.ms),
      diceWords(run?.dice),
    ]
    return h('tr', {}, ...cells.map(cell => h('td', {}, cell)))
  })
  return h('table', { class: 'trials' }, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows))
}
