const CHARACTERS = 8
/** As many as one line of a processor's cache holds. */
const WAYS = 16

/**
 * Which marks were seen lately, in a table that costs each new token next to nothing. The marks of one row follow each
 * other out of it; rows twice as long as they have to be rarely lose one too early.
 */
export class RecentSightings {
  #seen: Uint32Array | undefined
  readonly #rows: number

  /** @param most how many shall be known */
  constructor(most: number) {
    this.#rows = Math.ceil((2 * most) / WAYS)
  }

  /** Whether the mark was seen before; from now on it was. */
  see(mark: number): boolean {
    this.#seen ??= new Uint32Array(this.#rows * WAYS)
    const first = (mark % this.#rows) * WAYS
    let moved = mark + 1 // since an empty place holds 0
    for (let at = first; at < first + WAYS; at += 1) {
      const found = this.#seen[at] ?? 0
      this.#seen[at] = moved
      if (found === mark + 1) return true
      moved = found
    }
    return false
  }
}

/**
 * A number made of the last characters of a text: in a token, of its signature. Cheap, and the same for two texts at
 * times, so that nothing but cost may depend on it. Of 30 bits, which engines keep without an allocation.
 */
export function markOf(text: string): number {
  let mark = 0
  for (let at = text.length - CHARACTERS; at < text.length; at += 1) mark = (mark * 33 + text.charCodeAt(at)) | 0
  return mark >>> 2
}
