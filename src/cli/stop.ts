import { EXIT, type Context } from './context.ts'

/** The first Ctrl-C lets steps stop cleanly; the second ends at once. */
export function stopOnCtrlC(context: Context): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.cancelled)
    context.err('stopping; again to end at once\n')
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return { signal: controller.signal, release: () => void process.off('SIGINT', stop).off('SIGTERM', stop) }
}
