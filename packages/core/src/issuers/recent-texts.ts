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
  /** The one timer that counts, since some call twice, or after they were cancelled. */
  #timer: { cancel: () => void } | undefined
  #isClosed = false

  constructor(schedule: System['schedule']) {
    this.#schedule = schedule
  }

  /** Gives `keeper` the text, if there is room for it. */
  add(keeper: TextKeeper, text: string): void {
    const isFull = this.#characters + text.length > MOST_CHARACTERS
    if (this.#isClosed || isFull) return
    this.#keepers.add(keeper)
    this.#characters += text.length
    keeper.keepText(text)
    if (this.#timer === undefined) this.#wait()
  }

  /** Takes the text away from a `keeper` that nobody will ask any more. */
  delete(keeper: TextKeeper): void {
    if (!this.#keepers.has(keeper)) return
    this.#release(keeper)
    this.#release(keeper) // what was of use until now
  }

  /** Forgets all, and takes no more. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = undefined
    for (const keeper of this.#keepers) this.delete(keeper)
  }

  #wait(): void {
    const timer = { cancel: (): void => {} }
    this.#timer = timer
    timer.cancel = this.#schedule(IDLE_MS, () => {
      if (this.#timer !== timer) return
      this.#timer = undefined // it would keep the asynchronous context of the request that began it
      for (const keeper of this.#keepers) this.#release(keeper)
      if (this.#keepers.size > 0) this.#wait()
    })
  }

  #release(keeper: TextKeeper): void {
    const freed = keeper.releaseText()
    this.#characters -= freed
    if (freed > 0) this.#keepers.delete(keeper)
  }
}
