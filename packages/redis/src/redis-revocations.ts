import type { EventListener, MemoryRevocations, Revocation, Revocations, RevocationSubject } from '@tokenward/core'
import { AuthError, memoryRevocations, revocationEntry } from '@tokenward/core'
import { Channel, DEADLINE_MS, LONGEST_RETRY_MS } from './channel.ts'
import type { RedisClient } from './client.ts'
import { mustBePrefix, mustBeSystem, mustHave, readOptions } from './options.ts'
import { RevocationLog } from './revocation-log.ts'
import type { Clockwork } from './system.ts'
import { clockworkWith, within } from './system.ts'

export interface RedisRevocationsOptions {
  readonly client: RedisClient
  /** Stands before the name of the stream and of the channel. Default `tokenward:`. */
  readonly keyPrefix?: string | undefined
  /** `accept`: tokens not known to be revoked pass while revocations made elsewhere may be missed. By default they are refused with a 503. */
  readonly whileUnavailable?: 'accept' | undefined
  /** How many revocations are kept at most. Default 100000. */
  readonly mostEntries?: number | undefined
  /** Hears `revocations-unavailable` and `revocations-available`. */
  readonly onEvent?: EventListener | undefined
  readonly system?: Partial<Clockwork> | undefined
}

/** Revocations that many processes share. */
export interface RedisRevocations extends Revocations {
  readonly needsTokenHash: boolean
  /**
   * Refuses what `revocation` names from now on: here at once, elsewhere within the time of a message. A rejected
   * revocation holds in this process, which passes it on as soon as it can; to be sure that it outlives this process, try again.
   *
   * @throws TypeError for what is no revocation
   * @throws AuthError STORE_UNAVAILABLE where Redis did not take it, or where this process is full
   */
  readonly revoke: (revocation: Revocation) => Promise<void>
  /** Waits for the attempt to connect that is under way. @throws AuthError STORE_UNAVAILABLE where it failed; others follow by themselves */
  readonly ready: () => Promise<void>
  /** Ends the subscription. Whatever is not known to be revoked is `unavailable` from then on. */
  readonly close: () => Promise<void>
}

const POLL_MS = 10_000
/** Two polls missed and then some: a process that slept or was starved cannot know what it missed. */
const MOST_UNCONFIRMED_MS = 30_000
/** How long the other processes may take to come back and tell what a lost log no longer says. */
const SETTLING_MS = LONGEST_RETRY_MS + DEADLINE_MS

/**
 * Keeps a copy of all revocations in this process and follows a log of them in Redis. Connects at once.
 *
 * @throws TypeError that names every problem
 */
export function redisRevocations(options: RedisRevocationsOptions): RedisRevocations {
  const follower = new Follower(checkOptions(options))
  follower.open()
  return Object.freeze({
    check: (token) => follower.check(token),
    get needsTokenHash() {
      return follower.local.needsTokenHash
    },
    retryAfterSeconds: 1,
    revoke: async (revocation) => follower.revoke(revocation),
    ready: async () => follower.ready(),
    close: async () => follower.close(),
  } satisfies RedisRevocations)
}

class Follower {
  readonly local: MemoryRevocations
  readonly #options: RedisRevocationsOptions
  readonly #clockwork: Clockwork
  readonly #log: RevocationLog
  readonly #channel: Channel
  #isTrusted = false
  #confirmedMs = -Infinity
  #isSettling = false
  #problem = 'no connection was made yet'
  #reported: 'available' | 'unavailable' | undefined
  #reading: Promise<void> | undefined
  #nextReading: Promise<void> | undefined
  #cancelPoll = (): void => {}
  #cancelSettling = (): void => {}

  constructor(options: RedisRevocationsOptions) {
    const { client, keyPrefix = 'tokenward:', mostEntries, system } = options
    const clockwork = clockworkWith(system)
    const name = `${keyPrefix}revocations`
    this.#options = options
    this.#clockwork = clockwork
    this.local = memoryRevocations({ mostEntries, system: clockwork })
    this.#log = new RevocationLog({
      command: async (args) => within(clockwork, DEADLINE_MS, client.command(args)),
      key: name,
      random: clockwork.random,
      add: this.local.add,
      entries: this.local.entries,
    })
    this.#channel = new Channel({
      client,
      name,
      clockwork,
      onNews: () => void this.#follow(),
      onUp: async (isStillUp) => this.#up(isStillUp),
      onDown: (reason) => this.#down(reason),
    })
  }

  open(): void {
    this.#channel.open()
  }

  check(token: RevocationSubject): 'good' | 'revoked' | 'unavailable' {
    if (this.local.check(token) === 'revoked') return 'revoked'
    return this.#isCurrent() || this.#options.whileUnavailable === 'accept' ? 'good' : 'unavailable'
  }

  async revoke(revocation: Revocation): Promise<void> {
    const entry = await revocationEntry(revocation, this.#clockwork.now())
    this.local.add(entry)
    try {
      await this.#log.append(entry)
      await this.#channel.announce()
    } catch (cause) {
      this.#log.distrust()
      throw new AuthError('STORE_UNAVAILABLE', `revoked in this process only so far: ${messageOf(cause)}`, { cause })
    }
  }

  async ready(): Promise<void> {
    if (!this.#isCurrent()) await this.#channel.attempt
    if (!this.#isCurrent()) throw new AuthError('STORE_UNAVAILABLE', `revocations are unavailable: ${this.#problem}`)
  }

  close(): void {
    this.#isTrusted = false
    this.#problem = 'they were closed'
    this.#cancelPoll()
    this.#cancelSettling()
    this.#channel.close()
  }

  #isCurrent(): boolean {
    return this.#isTrusted && !this.#isSettling && this.#clockwork.now() - this.#confirmedMs <= MOST_UNCONFIRMED_MS
  }

  /** Listening comes before reading, so that nothing falls between the two. */
  async #up(isStillUp: () => boolean): Promise<void> {
    await this.#catchUp()
    if (!isStillUp()) return
    this.#isTrusted = true
    this.#report()
    this.#planPoll()
  }

  #down(reason: string): void {
    this.#isTrusted = false
    this.#problem = reason
    this.#cancelPoll()
    this.#report()
  }

  #report(): void {
    const state = this.#isCurrent() ? 'available' : 'unavailable'
    if (state === this.#reported) return
    this.#reported = state
    if (state === 'available') this.#emit({ type: 'revocations-available' })
    else this.#emit({ type: 'revocations-unavailable', message: this.#problem })
  }

  async #follow(): Promise<void> {
    const end = this.#channel.ender()
    try {
      await this.#catchUp()
      if (this.#isTrusted) this.#report()
    } catch (error) {
      end(error)
    }
  }

  #planPoll(): void {
    this.#cancelPoll()
    this.#cancelPoll = this.#clockwork.schedule(POLL_MS, () => void this.#poll())
  }

  async #poll(): Promise<void> {
    const end = this.#channel.ender()
    try {
      await this.#channel.ping()
      await this.#catchUp()
      if (this.#isTrusted) this.#report()
      await this.#log.sweep(this.#clockwork.now())
      if (this.#isTrusted) this.#planPoll()
    } catch (error) {
      end(error)
    }
  }

  /** Settles after a reading that began after the call. */
  #catchUp(): Promise<void> {
    if (this.#reading === undefined) {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
      })
      return this.#reading
    }
    this.#nextReading ??= this.#reading
      .catch(() => {})
      .then(async () => {
        this.#nextReading = undefined
        return this.#catchUp()
      })
    return this.#nextReading
  }

  async #read(): Promise<void> {
    const begunMs = this.#clockwork.now()
    const { restored, isLost } = await this.#log.catchUp()
    this.#confirmedMs = begunMs
    if (isLost) this.#settle()
    if (restored > 0) await this.#channel.announce()
  }

  #settle(): void {
    this.#problem = `the log in Redis was lost; waiting ${SETTLING_MS / 1000} s for what other processes know`
    this.#isSettling = true
    this.#cancelSettling()
    this.#cancelSettling = this.#clockwork.schedule(SETTLING_MS, () => void this.#endSettling())
  }

  async #endSettling(): Promise<void> {
    const end = this.#channel.ender()
    try {
      await this.#catchUp()
      this.#isSettling = false
      if (this.#isTrusted) this.#report()
    } catch (error) {
      this.#isSettling = false // the next subscription reads before it is trusted
      end(error)
    }
  }

  #emit(event: Parameters<EventListener>[0]): void {
    try {
      const result: unknown = this.#options.onEvent?.(event)
      void Promise.resolve(result).catch(() => {})
    } catch {
      // a listener that throws is the listener's own trouble
    }
  }
}

function checkOptions(options: RedisRevocationsOptions): RedisRevocationsOptions {
  return readOptions('redisRevocations', options, {
    client: mustHave('client', ['command', 'subscribe'], true),
    keyPrefix: mustBePrefix,
    whileUnavailable: (value) =>
      value === undefined || value === 'accept' ? undefined : 'whileUnavailable must be "accept" or left out',
    mostEntries: (value) =>
      value === undefined || (typeof value === 'number' && value >= 1 && value <= 10_000_000)
        ? undefined
        : 'mostEntries must be a number from 1 to 10000000',
    onEvent: (value) => (value === undefined || typeof value === 'function' ? undefined : 'onEvent must be a function'),
    system: mustBeSystem,
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the client failed'
}
