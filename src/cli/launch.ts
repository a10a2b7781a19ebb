#!/usr/bin/env node
// The command as the build packs it (`bundle.js`): this file starts the text beside it, `command.js`, with what V8 compiled of it when
// the package was built (`command.cache`). Where V8 is another one, or has other flags, it compiles the text itself.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

type Command = (
  require: NodeJS.Require,
  importUser: (specifier: string) => Promise<unknown>,
  /** `import.meta.url` of all modules of the text. */
  url: string,
  build: string,
) => void

const here = import.meta.dirname
const text = join(here, 'command.js')
const cache = join(here, 'command.cache')

// The text is ASCII, which is read faster by this name. It begins with its own digest, as a comment.
const code = readFileSync(text, 'latin1')
const build = code.slice('//'.length, code.indexOf('\n'))
export const script = new Script(code, { filename: text, ...(existsSync(cache) && { cachedData: readFileSync(cache) }) })
const command = script.runInThisContext() as Command
command(createRequire(import.meta.url), specifier => import(specifier), import.meta.url, build)
