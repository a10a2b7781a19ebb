import { z } from 'zod'
import { datasetName } from '../src/bids/dataset.ts'
import { FailureError } from '../src/failure.ts'
import { parseSource } from '../src/fetch/url.ts'
import { defineNode } from '../src/node.ts'
import { hasSecret } from '../src/secret.ts'
import { dataset } from './artifacts.ts'

const url = z
  .string()
  // What a secret stands for is seen when it is asked.
  .refine(text => hasSecret(text) || parseSource(text) !== undefined, 'a URL that starts with https:, http: or file:')
const params = z.strictObject({
  urls: z
    .union([url, z.array(url).min(1)])
    .transform(urls => (typeof urls === 'string' ? [urls] : urls))
    .describe('where the archive is: URLs tried in order; file:data.zip is relative to the current folder'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'a sha256: 64 hexadecimal digits')
    .optional()
    .describe('checksum of the archive; a file with another is refused, and where it comes from does not matter'),
  strip_root: z.boolean().default(true).describe('leave out a single folder that holds all of the archive'),
})
type Params = z.output<typeof params>

/** The files among the URLs. */
const filesOf = (urls: readonly string[]): readonly string[] =>
  urls.flatMap(text => {
    const source = parseSource(text)
    return source?.kind === 'file' ? [source.path] : []
  })

/** What only a download needs: loaded with it, since `pipe plan` reads this file too. */
async function fetching() {
  const { unpack } = await import('../src/fetch/archive.ts')
  const { download } = await import('../src/fetch/download.ts')
  return { unpack, download }
}

/** A dataset from the net, or from an archive on this machine. */
export default defineNode({
  summary: 'downloads a .zip or .tar.gz and unpacks it: mirrors, resume, checksum; hostile archives are refused',
  version: 1,
  params,
  inputs: {},
  output: dataset,
  // A checksum says all; without one the content of files counts (see reads), and of servers only their names are known.
  meaning: ({ urls, sha256, strip_root }: Params) =>
    sha256 === undefined
      ? { urls: urls.map(text => (parseSource(text)?.kind === 'file' ? 'file:' : text)), strip_root }
      : { sha256: sha256.toLowerCase(), strip_root },
  reads: ({ urls, sha256 }: Params) => (sha256 === undefined ? filesOf(urls) : []),
  async run(job) {
    const { unpack, download } = await fetching()
    const { urls, sha256, strip_root: stripRoot } = job.params
    const { scratch, signal } = job
    const progress = (done: number, total: number) => job.progress({ done, total, unit: 'byte' })
    const got = await download({ urls, sha256, scratch, signal, progress, log: (line, level) => job.log(line, level) })
    try {
      const { files, bytes } = await unpack(got.path, job.dir, { stripRoot, signal, shown: got.url })
      job.log(`unpacked ${files} files, ${(bytes / 1e6).toFixed(1)} MB, from ${got.url}`)
    } catch (error) {
      // What cannot be unpacked is of no use to the next run; a full disk is no fault of the archive.
      if (error instanceof FailureError && error.failure.kind !== 'disk-full') await got.discard()
      throw error
    }
    return { name: datasetName(job.dir) }
  },
})
