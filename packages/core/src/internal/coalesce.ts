interface Flight<T> {
  readonly landing: Promise<T>
  /** The run for those who came during this one and need an answer that was asked for after they came. */
  next: Promise<T> | undefined
}

/** One run at a time per key, shared by all who ask meanwhile. */
export class Coalesced<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** @param isFresh never joins a run that began before; those who ask so during one run share the one after it */
  run(key: string, isFresh: boolean, start: () => Promise<T>): Promise<T> {
    const flight = this.#flights.get(key)
    if (flight === undefined) return this.#takeOff(key, start)
    if (!isFresh) return flight.landing
    flight.next ??= flight.landing.then(
      () => this.run(key, false, start),
      () => this.run(key, false, start),
    )
    return flight.next
  }

  #takeOff(key: string, start: () => Promise<T>): Promise<T> {
    const landing = start().finally(() => this.#flights.delete(key))
    this.#flights.set(key, { landing, next: undefined })
    return landing
  }
}
