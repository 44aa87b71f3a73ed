import type { RedisClient } from '@tokenward/redis'

interface Listener {
  readonly connection: Connection
  readonly onMessage: (message: string) => void
  readonly onDown: () => void
}

/** What may be wrong with the connections of one process. */
export interface Connection {
  /** Messages get lost, and nobody notices. */
  isDeaf: boolean
  /** Commands are never answered. */
  isSilent: boolean
}

/** As much of Redis as is used, in memory, so that a test has clock and faults in its hand. */
export class MemoryServer {
  readonly commands: (readonly string[])[] = []
  stream: { readonly id: string; readonly fields: readonly string[] }[] = []
  isUp = true
  readonly #strings = new Map<string, string>()
  #lastId = 0
  #listeners: Listener[] = []

  connect(): { readonly client: RedisClient; readonly connection: Connection } {
    const connection: Connection = { isDeaf: false, isSilent: false }
    const client: RedisClient = {
      command: async (args) => {
        this.commands.push(args)
        if (!this.isUp) throw new Error('connection refused')
        return connection.isSilent ? new Promise(() => {}) : this.#reply(args)
      },
      subscribe: async (_channel, onMessage, onDown) => {
        if (!this.isUp) throw new Error('connection refused')
        const listener = { connection, onMessage, onDown }
        this.#listeners.push(listener)
        return () => {
          this.#listeners = this.#listeners.filter((other) => other !== listener)
        }
      },
    }
    return { client, connection }
  }

  /** Every connection breaks; until `isUp` is set again none comes about. */
  stop(): void {
    this.isUp = false
    for (const { onDown } of this.#listeners) onDown()
  }

  ids(): readonly number[] {
    return this.stream.filter(({ fields }) => fields[0] === 'v1').map(({ id }) => Number(id.split('-')[0]))
  }

  #reply([name = '', key = '', ...rest]: readonly string[]): unknown {
    switch (name) {
      case 'XADD':
        return this.#add(rest.slice(1))
      case 'XRANGE':
        return this.#range(rest[0] ?? '-', Number(rest[3]))
      case 'XDEL':
        this.stream = this.stream.filter(({ id }) => !rest.includes(id))
        return rest.length
      case 'PUBLISH':
        return this.#publish(rest[0] ?? '')
      case 'GET':
        return this.#strings.get(key) ?? null
      case 'SET':
        this.#strings.set(key, rest[0] ?? '')
        return 'OK'
      default:
        throw new Error(`the server knows no ${name}`)
    }
  }

  #add(fields: readonly string[]): string {
    this.#lastId += 1
    const id = `${this.#lastId}-0`
    this.stream.push({ id, fields })
    return id
  }

  #range(from: string, count: number): unknown {
    const first = from === '-' ? 0 : Number(from.split('-')[0])
    const found = this.stream.filter(({ id }) => Number(id.split('-')[0]) >= first)
    return found.slice(0, count).map(({ id, fields }) => [id, fields])
  }

  #publish(message: string): number {
    const hearing = this.#listeners.filter(({ connection }) => !connection.isDeaf)
    for (const { onMessage } of hearing) onMessage(message)
    return hearing.length
  }
}
