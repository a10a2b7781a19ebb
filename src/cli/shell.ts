/** How this command is called: who has it by npx has no `pipe` on the path. */
export const pipeCommand = (env: NodeJS.ProcessEnv): string => (env['npm_command'] === 'exec' ? 'npx pipe' : 'pipe')

/** An argument as a shell reads it. */
export const quoted = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
