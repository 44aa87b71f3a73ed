/** Sends one command and gives its reply: `(args) => client.sendCommand([...args])`, or `(args) => client.call(...args)`. */
export type RedisCommand = (args: readonly string[]) => Promise<unknown>

/** What is needed of a Redis client. The README shows it for ioredis, iovalkey and node-redis. */
export interface RedisClient {
  readonly command: RedisCommand
  /**
   * Subscribes on a connection of its own, and settles once the server has confirmed it.
   *
   * @param onDown to be called when that connection is lost. A new subscription is then asked for: do not reconnect it.
   * @returns what ends the subscription and closes its connection
   */
  readonly subscribe: (channel: string, onMessage: (message: string) => void, onDown: () => void) => Promise<() => void>
}
