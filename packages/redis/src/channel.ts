import type { RedisClient } from './client.ts'
import type { Clockwork } from './system.ts'
import { within } from './system.ts'

export interface ChannelOptions {
  readonly client: RedisClient
  readonly name: string
  readonly clockwork: Clockwork
  /** Something was announced. */
  readonly onNews: () => void
  /** The subscription stands. What this throws ends it, and another is tried. */
  readonly onUp: (isStillUp: () => boolean) => Promise<void>
  readonly onDown: (reason: string) => void
}

export const DEADLINE_MS = 3_000
const FIRST_RETRY_MS = 250
export const LONGEST_RETRY_MS = 2_000
const NEWS = 'news'

/** A subscription that is made again whenever it is lost, and that listens for itself to find out whether it still hears. */
export class Channel {
  readonly #options: ChannelOptions
  readonly #ownPing: string
  #subscription = 0
  #failures = 0
  #hearsItself = true
  #isClosed = false
  #stop = (): void => {}
  #cancelRetry = (): void => {}
  #attempt: Promise<void> = Promise.resolve()

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#ownPing = `ping ${options.clockwork.random()}`
  }

  /** The attempt under way, or the last one. Never rejects. */
  get attempt(): Promise<void> {
    return this.#attempt
  }

  open(): void {
    this.#attempt = this.#subscribe()
  }

  async announce(): Promise<void> {
    await this.#publish(NEWS)
  }

  /** @throws Error where the last ping was not heard: messages get lost without a word */
  async ping(): Promise<void> {
    if (!this.#hearsItself) throw new Error('the subscription no longer hears its channel')
    this.#hearsItself = false
    await this.#publish(this.#ownPing)
  }

  /** What ends the present subscription, and no later one; the next one follows. */
  ender(): (error: unknown) => void {
    const mine = this.#subscription
    return (error) => this.#lost(mine, error instanceof Error ? error.message : 'the client failed')
  }

  close(): void {
    this.#isClosed = true
    this.#end()
    this.#cancelRetry()
  }

  async #publish(message: string): Promise<void> {
    const { client, clockwork, name } = this.#options
    await within(clockwork, DEADLINE_MS, client.command(['PUBLISH', name, message]))
  }

  async #subscribe(): Promise<void> {
    const { client, clockwork, name, onUp } = this.#options
    this.#subscription += 1
    const mine = this.#subscription
    const onMessage = (message: string): void => {
      if (mine === this.#subscription) this.#heard(message)
    }
    try {
      const subscribing = client.subscribe(name, onMessage, () => this.#lost(mine, 'the connection was lost'))
      void subscribing.then(
        (stop) => this.#started(mine, stop),
        () => {},
      )
      await within(clockwork, DEADLINE_MS, subscribing)
      if (mine !== this.#subscription) return
      this.#hearsItself = true
      await onUp(() => mine === this.#subscription)
      if (mine === this.#subscription) this.#failures = 0
    } catch (error) {
      this.#lost(mine, error instanceof Error ? error.message : 'the client failed')
    }
  }

  /** What comes about after its deadline is ended at once. */
  #started(mine: number, stop: () => void): void {
    if (mine === this.#subscription) this.#stop = stop
    else ignoringFailure(stop)
  }

  #heard(message: string): void {
    if (message === this.#ownPing) this.#hearsItself = true
    if (message === NEWS) this.#options.onNews()
  }

  #lost(mine: number, reason: string): void {
    if (mine !== this.#subscription || this.#isClosed) return
    this.#end()
    this.#options.onDown(reason)
    const { clockwork } = this.#options
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures) * (0.5 + clockwork.random() / 2)
    this.#failures += 1
    this.#cancelRetry()
    this.#cancelRetry = clockwork.schedule(delayMs, () => this.open())
  }

  #end(): void {
    this.#subscription += 1
    ignoringFailure(this.#stop)
    this.#stop = () => {}
  }
}

function ignoringFailure(stop: () => void): void {
  try {
    stop()
  } catch {
    // a connection that is gone needs no end
  }
}
