import type { System } from '../system.ts'

const IDLE_MS = 5_000
/** The texts of some thousand tokens of usual size: of those that come so often that it counts. */
const MOST_CHARACTERS = 4_194_304

/** Whoever is to have a text at hand for a while. */
export interface TextKeeper {
  readonly keepText: (text: string) => void
  /** Forgets the text, unless it was of use since the last call. Returns how many characters that freed. */
  readonly releaseText: () => number
}

/**
 * Sees to it that the texts of tokens in use are at hand, and no others: one that was of no use for five seconds is gone
 * before the next five are over, whether requests come or not.
 */
export class RecentTexts {
  readonly #schedule: System['schedule']
  readonly #keepers = new Set<TextKeeper>()
  #characters = 0
  #cancel: () => void = () => {}
  #isClosed = false

  constructor(schedule: System['schedule']) {
    this.#schedule = schedule
  }

  /** Gives `keeper` the text, if there is room for it. */
  add(keeper: TextKeeper, text: string): void {
    const isFull = this.#characters + text.length > MOST_CHARACTERS
    if (this.#isClosed || isFull || this.#keepers.has(keeper)) return
    this.#keepers.add(keeper)
    this.#characters += text.length
    keeper.keepText(text)
    if (this.#keepers.size === 1) this.#wait()
  }

  /** Forgets all, and takes no more. */
  close(): void {
    this.#isClosed = true
    this.#cancel()
    this.#release()
    this.#release() // those that were of use until now
  }

  #wait(): void {
    let isDue = true
    this.#cancel = this.#schedule(IDLE_MS, () => {
      if (!isDue) return // or a timer that calls twice would soon be many
      isDue = false
      this.#release()
      if (this.#keepers.size > 0) this.#wait()
    })
  }

  #release(): void {
    for (const keeper of this.#keepers) {
      const freed = keeper.releaseText()
      this.#characters -= freed
      if (freed > 0) this.#keepers.delete(keeper)
    }
  }
}
