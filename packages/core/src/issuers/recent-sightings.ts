const CHARACTERS = 8

/** Which marks were seen lately. Forgets the older half of what it knows when it is full. */
export class RecentSightings {
  readonly #mostNewer: number
  #newer = new Set<number>()
  #older = new Set<number>()

  /** @param most how many are known at most */
  constructor(most: number) {
    this.#mostNewer = Math.ceil(most / 2)
  }

  has(mark: number): boolean {
    return this.#newer.has(mark) || this.#older.has(mark)
  }

  add(mark: number): void {
    if (this.#newer.size >= this.#mostNewer) {
      this.#older = this.#newer
      this.#newer = new Set()
    }
    this.#newer.add(mark)
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
