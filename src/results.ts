import Keyv from 'keyv'
import { fail } from './failure.ts'
import { importUser } from './import-user.ts'
import { KeyvDir } from './keyv-dir.ts'
import { withoutPassword } from './secret.ts'

/** Packages that give Keyv another store, by the scheme of its address. */
const stores: Readonly<Record<string, string>> = {
  redis: '@keyv/redis',
  rediss: '@keyv/redis',
  postgres: '@keyv/postgres',
  postgresql: '@keyv/postgres',
  sqlite: '@keyv/sqlite',
  mysql: '@keyv/mysql',
  mongodb: '@keyv/mongo',
}

/** Where the result records are kept: a folder (a path), or a Keyv store (an address such as `redis://localhost:6379`). */
export async function openResults(where: string): Promise<Keyv> {
  const keyv = new Keyv({ store: await storeAt(where), throwOnErrors: true })
  // Errors of a call are thrown by the call; this one is for those that come between calls (a connection that is lost).
  keyv.on('error', () => undefined)
  return keyv
}

async function storeAt(where: string): Promise<unknown> {
  const scheme = /^([a-z]+):\/\//.exec(where)?.[1]
  if (!scheme) return new KeyvDir(where)
  const name = stores[scheme]
  if (!name) return fail({ kind: 'unknown-store', uri: withoutPassword(where), known: Object.keys(stores) })
  let module: { default: new (uri: string, options?: object) => unknown }
  try {
    module = (await importUser(name)) as typeof module
  } catch {
    return fail({ kind: 'store-not-installed', uri: withoutPassword(where), package: name })
  }
  const options = name === '@keyv/redis' ? { connectionTimeout: 1500, throwOnConnectError: true } : {}
  return new module.default(where, options)
}

/** The keys of all records, in no order; undefined where the store cannot tell them. */
export function keysOf(results: Keyv): AsyncIterable<string> | undefined {
  const store: unknown = results.store
  if (store instanceof KeyvDir) return unprefixed(store.keys(), results.namespace)
  return results.iterator && firsts(results.iterator({}))
}

async function* unprefixed(keys: AsyncIterable<string>, prefix = ''): AsyncGenerator<string> {
  for await (const key of keys) yield key.startsWith(`${prefix}:`) ? key.slice(prefix.length + 1) : key
}

async function* firsts(pairs: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const pair of pairs) if (Array.isArray(pair)) yield String(pair[0])
}
