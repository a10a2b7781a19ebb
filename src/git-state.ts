import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The commit of the git checkout that holds a folder, and whether tracked files differ from it; never fails. */
export async function gitState(folder: string): Promise<string> {
  // Without locks: looking must not write the index of the user's checkout.
  const status = ['-C', folder, '--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--untracked-files=no']
  try {
    const { stdout } = await promisify(execFile)('git', status, { timeout: 2000 })
    const commit = /^# branch\.oid (.*)$/m.exec(stdout)![1]!
    if (commit === '(initial)') return 'a git checkout without commits'
    return /^[^#]/m.test(stdout) ? `${commit} with uncommitted changes` : commit
  } catch {
    return 'not a git checkout'
  }
}
