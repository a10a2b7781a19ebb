/** What is used of gifenc, which has no types of its own: https://github.com/mattdesl/gifenc. In Node it is CommonJS. */
declare module 'gifenc' {
  interface FrameOptions {
    /** Red, green and blue of each colour. Of the first frame: of the file. */
    readonly palette?: readonly (readonly [number, number, number])[]
    /** Milliseconds, rounded to hundredths of a second. */
    readonly delay?: number
    /** 0: for ever. Of the first frame. */
    readonly repeat?: number
  }
  interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options?: FrameOptions): void
    finish(): void
    bytes(): Uint8Array
  }
  const gifenc: { readonly GIFEncoder: () => Encoder }
  export default gifenc
}
