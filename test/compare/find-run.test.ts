import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { findFolder, findRun } from '../../src/compare/find-run.ts'
import { readRun } from '../../src/compare/run.ts'
import { runsBelow } from '../../src/compare/runs-below.ts'
import { describe } from '../../src/failure.ts'
import { withRuns, type MadeRuns } from './made-runs.ts'

/** The id of the run found, or what is said. */
async function found(runs: MadeRuns, reference: string): Promise<string> {
  const result = await findRun(reference, runs.place)
  return result.ok ? result.value.id : result.failures.map(describe).join('\n')
}

test(
  'a run is found by its folder, by latest, by its pipeline, by a place before the latest, and by the beginning or end of its id',
  withRuns(async runs => {
    const [first, second, third] = [runs.make('unet'), runs.make('unet'), runs.make('film')].map(dir => basename(dir)) as [
      string,
      string,
      string,
    ]
    symlinkSync(second, join(runs.dir, 'runs/unet/latest'))
    const names = [
      `runs/unet/${first}`,
      'runs/unet/latest',
      'runs/unet',
      'latest',
      'unet',
      'unet/latest',
      'unet@1',
      'unet@2',
      'latest@3',
      'film',
      first.slice(0, 15),
      `unet/${first.slice(0, 15)}`,
      third.slice(-6),
    ]
    expect(await Promise.all(names.map(name => found(runs, name)))).toEqual([
      first,
      second,
      second,
      third,
      second,
      second,
      second,
      first,
      first,
      third,
      first,
      first,
      third,
    ])
  }),
)

test(
  "a run that did not go well is nobody's latest, and is found by its id",
  withRuns(async runs => {
    const [good, failed, killed] = [runs.make('unet'), runs.make('unet', { end: 'failed' }), runs.make('unet', { end: 'killed' })].map(
      dir => basename(dir),
    ) as [string, string, string]
    expect(await found(runs, 'unet')).toBe(good)
    expect(await found(runs, failed)).toBe(failed)
    expect(await found(runs, killed)).toBe(killed)
    expect(await found(runs, 'unet@2')).toContain('of 3 runs, 1 went well')
    expect(await found(runs, 'unet@0')).toContain('there is no "unet@0"')
  }),
)

test(
  'what is not found is told with the nearest name; what may be several with all of them',
  withRuns(async runs => {
    expect(await found(runs, 'unet')).toContain('there are no runs in runs')
    const dirs = [runs.make('unet'), runs.make('unet')]
    expect(await found(runs, 'unett')).toContain('did you mean "unet"?')
    expect(await found(runs, 'umet/latest')).toContain('no run is called "umet/latest"')
    const several = await found(runs, '20261126')
    for (const dir of dirs) expect(several).toContain(`unet/${basename(dir)}`)
    mkdirSync(join(runs.dir, 'empty'))
    expect(await found(runs, 'empty')).toContain('there is no run in it')
  }),
)

test(
  'runs are listed in the order of their start, with what became of them; folders that are none are named',
  withRuns(async runs => {
    for (const end of ['done', 'failed', 'cancelled', 'killed'] as const) runs.make('unet', { end })
    runs.make('film')
    mkdirSync(join(runs.dir, 'runs/unet/notes'))
    mkdirSync(join(runs.dir, 'runs/broken/20261126-080000-aaaaaa'), { recursive: true })
    writeFileSync(join(runs.dir, 'runs/broken/20261126-080000-aaaaaa/pipeline.yaml'), 'name: [')
    const listed = await runsBelow(join(runs.dir, 'runs'))
    expect(listed.runs.map(run => [run.facts.name, run.state])).toEqual([
      ['unet', 'done'],
      ['unet', 'failed'],
      ['unet', 'stopped'],
      ['unet', 'unfinished'],
      ['film', 'done'],
    ])
    expect(listed.others.map(o => [basename(o.path), o.why])).toEqual([
      ['notes', 'there is no run in it'],
      ['20261126-080000-aaaaaa', expect.stringContaining('its pipeline.yaml cannot be read')],
    ])
  }),
)

test(
  'a run that was killed is read up to its last whole line',
  withRuns(async runs => {
    const dir = runs.make('unet', { end: 'killed' })
    const run = await readRun(dir)
    expect(run).toMatchObject({ ok: true, value: { state: 'unfinished', ms: 100, remarks: [] } })
    writeFileSync(join(dir, 'events.jsonl'), 'what\n')
    expect(await readRun(dir)).toMatchObject({
      ok: true,
      value: { remarks: ['events.jsonl says nothing', '1 lines of events.jsonl cannot be read'], started: '2026-11-26T07:00:01.000Z' },
    })
  }),
)

test(
  'pipe runs is asked for a pipeline by name, by its file, or for a folder',
  withRuns(async runs => {
    runs.make('unet')
    const folder = async (asked?: string, name?: string) => {
      const result = await findFolder(asked, name, runs.place)
      return result.ok ? result.value.slice(runs.dir.length + 1) : result.failures.map(describe).join('\n')
    }
    expect([await folder(), await folder('unet'), await folder('u.yaml', 'unet'), await folder('runs')]).toEqual([
      'runs',
      'runs/unet',
      'runs/unet',
      'runs',
    ])
    expect(await folder('uned')).toContain('did you mean "unet"?')
    expect(await folder('x.yaml', 'film')).toContain('there are no runs in runs/film')
  }),
)
