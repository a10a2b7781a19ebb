import type * as library from '@niivue/niivue'

declare global {
  /** NiiVue, as its own script makes it known to the page. */
  const niivue: typeof library
}
