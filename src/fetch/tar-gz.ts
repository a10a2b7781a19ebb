import { createReadStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ReadEntry } from 'tar'
import type { ArchiveEntry } from './entries.ts'
import type { Format } from './format.ts'

const kinds: Readonly<Record<string, ArchiveEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  SymbolicLink: 'link',
  Link: 'link',
}

/** Reads the archive once; `each` gets every entry, and must consume it. */
async function parse(
  archive: string,
  signal: AbortSignal,
  each: (entry: ReadEntry) => Promise<void>,
  inflated: (bytes: number) => void = () => undefined,
): Promise<void> {
  const { Parser } = await import('tar')
  let failure: Error | undefined
  const consumed: Promise<void>[] = []
  const parser = new Parser({
    strict: true,
    onReadEntry: entry => {
      const done = each(entry).catch((error: unknown) => {
        failure ??= error as Error
        entry.resume()
      })
      consumed.push(done)
    },
  })
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.length
      try {
        inflated(bytes)
        next(failure ?? null, chunk)
      } catch (error) {
        next(error as Error)
      }
    },
  })
  const ended = new Promise<void>((resolve, reject) => {
    parser.on('end', resolve)
    parser.on('error', reject)
  })
  // Its rejection is looked at below; until then it must not count as unhandled.
  ended.catch(() => undefined)
  const sink = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), ended])
    parser.end()
    await ended
  }
  await pipeline(createReadStream(archive), createGunzip({ chunkSize: 2 ** 18 }), count, sink, { signal })
  await Promise.all(consumed)
  if (failure) throw failure
}

const once = (emitter: { once(event: 'drain', listener: () => void): unknown }, event: 'drain'): Promise<void> =>
  new Promise(resolve => emitter.once(event, () => resolve()))

/** .tar.gz and .tgz: ustar, pax and GNU long names (tar). */
export const tarGz: Format = {
  async list(archive, signal, inflated) {
    const entries: ArchiveEntry[] = []
    const each = async (entry: ReadEntry) => {
      const kind = kinds[entry.type] ?? 'other'
      const target = kind === 'link' ? { target: linkOf(entry) } : {}
      entries.push({ name: entry.path, kind, size: kind === 'file' ? entry.size : 0, ...target })
      entry.resume()
    }
    await parse(archive, signal, each, inflated)
    return entries
  },
  async read(archive, signal, wanted, take) {
    await parse(archive, signal, async entry => {
      if (kinds[entry.type] === 'file' && wanted(entry.path)) await take(entry.path, Readable.from(entry))
      else entry.resume()
    })
  },
}

/** A hard link names its target from the top of the archive, a symbolic one from its own folder: both as the latter. */
function linkOf(entry: ReadEntry): string {
  const target = entry.linkpath ?? ''
  return entry.type === 'Link' && !target.startsWith('/')
    ? '../'.repeat(entry.path.split('/').filter(p => p !== '' && p !== '.').length - 1) + target
    : target
}
