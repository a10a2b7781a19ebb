import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A source of a download: a file of this machine, or something to ask a server for. */
export type Source =
  | { readonly kind: 'file'; readonly path: string; readonly shown: string }
  | { readonly kind: 'web'; readonly url: string; readonly authorization?: string; readonly shown: string }

/**
 * Reads a URL: https, http or file. A path after `file:` may be relative to the current folder, as in `file:data.zip`.
 * Name and password go into a header, and never into a message. Undefined where it is none of these.
 */
export function parseSource(text: string): Source | undefined {
  if (/^file:(?!\/\/)/i.test(text)) {
    const path = text.slice('file:'.length)
    return path === '' ? undefined : { kind: 'file', path: resolve(path), shown: text }
  }
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol === 'file:') return { kind: 'file', path: fileURLToPath(url), shown: text }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (username === '' && password === '') return { kind: 'web', url: url.href, shown: url.href }
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { kind: 'web', url: url.href, authorization: `Basic ${secret}`, shown: url.href }
}
