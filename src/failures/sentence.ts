/** What a failure says: what happened; the facts; what to do. No colour: that is the terminal's business. */
export interface Sentence {
  readonly what: string
  readonly facts?: readonly string[]
  readonly hint?: string | undefined
}
