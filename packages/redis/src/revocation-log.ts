import type { RevocationEntry } from '@tokenward/core'
import type { RedisCommand } from './client.ts'

/** An entry of the stream. */
interface LogItem {
  readonly id: string
  readonly field: string
  readonly text: string
}

export interface RevocationLogOptions {
  readonly command: RedisCommand
  readonly key: string
  readonly random: () => number
  /** Takes over what was read. */
  readonly add: (entry: RevocationEntry) => void
  /** What is known here and still counts. */
  readonly entries: () => readonly RevocationEntry[]
}

const FIELD = 'v1'
/** The first item of a log, so that an empty log can be told from another empty log. */
const ORIGIN = 'origin'
const PAGE = 500
const RESTORED_AT_ONCE = 100
/** How far the clocks of processes may differ before one deletes what still counts for another. */
const SWEEP_SLACK_MS = 3_600_000

/** All revocations, in a Redis stream. Every command names one key, so it works on a cluster. */
export class RevocationLog {
  readonly #options: RevocationLogOptions
  /** The last item read. Undefined: begin at the beginning. */
  #cursor: LogItem | undefined
  #isSuspect = false
  #sweptTo = '-'

  constructor(options: RevocationLogOptions) {
    this.#options = options
  }

  async append(entry: RevocationEntry): Promise<void> {
    await this.#options.command(['XADD', this.#options.key, '*', FIELD, JSON.stringify(entry)])
  }

  /** Something known here may be missing there: the next `catchUp` compares. */
  distrust(): void {
    this.#isSuspect = true
  }

  /**
   * Reads on from the cursor. Where the item there is gone, so may be others: the log was flushed, trimmed, replaced, or
   * fell back behind a failover. Then all of it is read, and what is known here and missing there is appended.
   *
   * @returns how many were appended, and whether the log was lost: others may then know what it does not say
   * @throws whatever the client throws; Error for an item that cannot be understood, since it may revoke anything
   */
  async catchUp(): Promise<{ readonly restored: number; readonly isLost: boolean }> {
    const isLost = this.#cursor !== undefined && !(await this.#readOn())
    if (this.#cursor !== undefined && !isLost && !this.#isSuspect) return { restored: 0, isLost }
    this.#cursor = undefined
    const seen = new Set<string>()
    await this.#readOn(seen)
    if (seen.size === 0) await this.#begin()
    const restored = await this.#restore(seen)
    this.#isSuspect = false
    return { restored, isLost }
  }

  /** Deletes what counts for nobody any more, a page at a time. Never the newest item, which cursors stand on. */
  async sweep(nowMs: number): Promise<void> {
    const page = await this.#page(this.#sweptTo)
    const isEnd = page.length < PAGE
    const over = page.slice(0, -1).filter((item) => isOver(item, nowMs - SWEEP_SLACK_MS))
    this.#sweptTo = isEnd ? '-' : (page.at(-1)?.id ?? '-')
    if (over.length > 0) await this.#options.command(['XDEL', this.#options.key, ...over.map(({ id }) => id)])
  }

  async #begin(): Promise<void> {
    const { command, key, random } = this.#options
    await command(['XADD', key, '*', ORIGIN, String(random())])
    await this.#readOn()
  }

  /** @returns false where the item at the cursor is gone */
  async #readOn(seen?: Set<string>): Promise<boolean> {
    for (;;) {
      const page = await this.#page(this.#cursor?.id ?? '-')
      if (this.#cursor !== undefined && page[0]?.text !== this.#cursor.text) return false
      if (this.#cursor !== undefined && page[0]?.id !== this.#cursor.id) return false
      for (const item of page) {
        seen?.add(item.text)
        if (item.field === FIELD) this.#options.add(JSON.parse(item.text) as RevocationEntry) // add refuses whatever else it is
        this.#cursor = item
      }
      if (page.length < PAGE) return true
    }
  }

  /** A part at a time and reading between, each process beginning elsewhere, so that not all of them append all of it. */
  async #restore(seen: Set<string>): Promise<number> {
    let restored = 0
    for (;;) {
      const missing = this.#options.entries().filter((entry) => !seen.has(JSON.stringify(entry)))
      if (missing.length === 0) return restored
      const start = Math.floor(this.#options.random() * missing.length)
      const part = [...missing.slice(start), ...missing.slice(0, start)].slice(0, RESTORED_AT_ONCE)
      await Promise.all(part.map(async (entry) => this.append(entry)))
      for (const entry of part) seen.add(JSON.stringify(entry))
      restored += part.length
      if (!(await this.#readOn(seen))) this.#cursor = undefined
    }
  }

  async #page(from: string): Promise<readonly LogItem[]> {
    const { command, key } = this.#options
    const reply = await command(['XRANGE', key, from, '+', 'COUNT', String(PAGE)])
    if (!Array.isArray(reply)) throw new Error('XRANGE was answered with something else than a list')
    return reply.map(readItem)
  }
}

function readItem(given: unknown): LogItem {
  const [id, fields]: readonly unknown[] = Array.isArray(given) ? given : []
  const [name, text]: readonly unknown[] = Array.isArray(fields) ? fields : []
  if (typeof id === 'string' && (name === FIELD || name === ORIGIN) && typeof text === 'string')
    return { id, field: name, text }
  throw new Error(`the log has an item that this version cannot read${typeof id === 'string' ? `: ${id}` : ''}`)
}

function isOver({ field, text }: LogItem, beforeMs: number): boolean {
  if (field === ORIGIN) return false
  const { keepUntilMs } = JSON.parse(text) as RevocationEntry // it was added before, or is refused when it is
  return keepUntilMs < beforeMs
}
