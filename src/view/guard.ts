import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

/** A word that nobody guesses. */
export const newToken = (): string => randomBytes(24).toString('base64url')

/** Equal, found out in a time that does not tell how nearly. */
export function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** What is let in: who has the token, and who calls us by a name that we have. */
export interface Guard {
  readonly token: string
  /** The `Host` headers that are answered; undefined: all. A page elsewhere may have a name that leads here (DNS rebinding). */
  readonly hosts: () => readonly string[] | undefined
  /** Of the cookie: other viewers on other ports have their own. */
  readonly cookie: string
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // NiiVue's font is an image that its own file holds.
  "img-src 'self' data: blob:",
  "connect-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Sent with every answer. */
const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

const isPage = (path: string): boolean => path === '/' || path.startsWith('/runs/')

/** Lets in who has the token, by query or cookie; a page that was opened by query goes on without it in its address. */
export const guarded =
  ({ token, hosts, cookie }: Guard): MiddlewareHandler =>
  async (c, next) => {
    for (const [name, value] of Object.entries(headers)) c.header(name, value)
    const known = hosts()
    if (known && !known.includes(c.req.header('host') ?? '')) return c.text('this address is not one of the viewer', 403)
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return c.text('only GET and HEAD are answered', 405)
    const given = c.req.query('token')
    if (!isSame(given ?? getCookie(c, cookie) ?? '', token))
      return c.text('the token is missing or wrong: open the address that pipe view printed', 401)
    if (given === undefined || !isPage(c.req.path)) return next()
    setCookie(c, cookie, token, { httpOnly: true, sameSite: 'Lax', path: '/' })
    return c.redirect(c.req.path, 303)
  }
