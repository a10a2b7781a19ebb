import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gitState } from '../src/git-state.ts'

test('a folder is told by its commit, with changes or without, or as what it is else', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'git-state-'))
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    expect(await gitState(dir)).toBe('not a git checkout')
    git('init')
    expect(await gitState(dir)).toBe('a git checkout without commits')
    writeFileSync(join(dir, 'p.yaml'), 'steps: {}')
    git('add', '.')
    git('commit', '-m', 'first')
    const commit = git('rev-parse', 'HEAD')
    expect(await gitState(dir)).toBe(commit)
    writeFileSync(join(dir, 'new.yaml'), 'is not tracked')
    expect(await gitState(dir)).toBe(commit)
    writeFileSync(join(dir, 'p.yaml'), 'steps: { a: {} }')
    expect(await gitState(dir)).toBe(`${commit} with uncommitted changes`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
