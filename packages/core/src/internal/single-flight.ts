import type { System } from '../system.ts'

/** Anchors work that outlives a request, as the `waitUntil` of edge runtimes does. */
export type WaitUntil = (work: Promise<unknown>) => void

interface Flight {
  readonly startedAtMs: number
  readonly landed: Promise<void>
}

/**
 * Work of which one run at a time serves all who ask. It belongs to none of them: nobody's cancellation ends it. A run
 * that has not landed after `limitMs` never will (an edge runtime cuts off what a cancelled request began) and is
 * abandoned: whoever asks next starts anew.
 */
export class SingleFlight {
  /** How many runs have begun. */
  begun = 0
  #flight: Flight | undefined
  readonly #system: System
  readonly #limitMs: number
  readonly #work: (run: number) => Promise<void>

  /** @param work tells its outcome by itself; a rejection is not passed on */
  constructor(system: System, limitMs: number, work: (run: number) => Promise<void>) {
    this.#system = system
    this.#limitMs = limitMs
    this.#work = work
  }

  get isUnderWay(): boolean {
    return this.#current() !== undefined
  }

  /** Begins a run, or joins the one under way. */
  start(waitUntil?: WaitUntil): Promise<void> {
    const landed = this.#current() ?? this.#takeOff()
    anchor(landed, waitUntil)
    return landed
  }

  /** As `start`, and waits; if the run proves abandoned, for one more. */
  async land(waitUntil?: WaitUntil): Promise<void> {
    if (await this.#landsInTime(this.start(waitUntil))) return
    await this.#landsInTime(this.start(waitUntil))
  }

  #current(): Promise<void> | undefined {
    if (this.#flight === undefined || this.#system.now() - this.#flight.startedAtMs >= this.#limitMs) return undefined
    return this.#flight.landed
  }

  #takeOff(): Promise<void> {
    this.begun += 1
    const landed = this.#work(this.begun).catch(() => {}) // its outcome is told elsewhere
    const flight: Flight = { startedAtMs: this.#system.now(), landed }
    this.#flight = flight
    void flight.landed.then(() => {
      if (this.#flight === flight) this.#flight = undefined
    })
    return flight.landed
  }

  async #landsInTime(landed: Promise<void>): Promise<boolean> {
    let cancel = (): void => {}
    const late = new Promise<false>((resolve) => {
      cancel = this.#system.schedule(this.#limitMs, () => resolve(false))
    })
    const inTime = await Promise.race([landed.then(() => true as const), late])
    cancel()
    return inTime
  }
}

/** A `waitUntil` that throws (some must stay bound to their context) is no reason to refuse: the work goes on without. */
function anchor(work: Promise<void>, waitUntil: WaitUntil | undefined): void {
  try {
    waitUntil?.(work)
  } catch {
    return
  }
}
