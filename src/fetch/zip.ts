import { buffer } from 'node:stream/consumers'
import type { Entry, ZipFile } from 'yauzl-promise'
import type { ArchiveEntry } from './entries.ts'
import type { Format } from './format.ts'

/** Unix file types, in the upper half of an entry's external attributes. */
const types = { mask: 0o170000, link: 0o120000, file: 0o100000, folder: 0o040000 } as const

async function withZip<T>(archive: string, work: (zip: ZipFile) => Promise<T>): Promise<T> {
  const { open } = await import('yauzl-promise')
  // Names are checked by us, so that the message says what is wrong. CRC and sizes are checked while reading.
  const zip = await open(archive, { validateFilenames: false, validateEntrySizes: true })
  try {
    return await work(zip)
  } finally {
    await zip.close()
  }
}

/** Archives made by some Windows programs part folders by backslashes. */
const nameOf = (entry: Entry): string => entry.filename.replaceAll('\\', '/')

function kindOf(entry: Entry): ArchiveEntry['kind'] {
  const type = (entry.externalFileAttributes >>> 16) & types.mask
  if (type === types.link) return 'link'
  if (nameOf(entry).endsWith('/') || type === types.folder) return 'folder'
  return type === types.file || type === 0 ? 'file' : 'other'
}

/** .zip and zip64 (yauzl-promise), deflated or stored. */
export const zip: Format = {
  list: (archive, signal) =>
    withZip(archive, async zip => {
      const entries: ArchiveEntry[] = []
      for await (const entry of zip) {
        signal.throwIfAborted()
        const kind = kindOf(entry)
        if (entry.isEncrypted()) throw new Error(`${entry.filename} is encrypted`)
        if (kind === 'link' && entry.uncompressedSize > 4096) throw new Error(`the link ${entry.filename} is too long`)
        const target = kind === 'link' ? { target: (await buffer(await entry.openReadStream())).toString('utf8') } : {}
        entries.push({ name: nameOf(entry), kind, size: entry.uncompressedSize, packed: entry.compressedSize, ...target })
      }
      return entries
    }),
  read: (archive, signal, wanted, take) =>
    withZip(archive, async zip => {
      for await (const entry of zip) {
        signal.throwIfAborted()
        if (kindOf(entry) === 'file' && wanted(nameOf(entry))) await take(nameOf(entry), await entry.openReadStream())
      }
    }),
}
