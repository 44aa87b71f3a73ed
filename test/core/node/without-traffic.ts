import diagnostics from 'node:diagnostics_channel'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net'
import { isIP } from 'node:net'

/** Where a connection would have gone, had it been let go. */
class WouldConnect extends Error {
  readonly addresses: readonly string[]
  constructor(addresses: readonly string[]) {
    super(`would connect to ${addresses.join(', ')}`)
    this.addresses = addresses
  }
}

/**
 * Runs `work` with sockets that ask for their address and then go nowhere, so that addresses out in the world can be
 * tried. Says what came of it: the addresses that would have been connected to, or the code of the refusal.
 */
export async function withoutTraffic(work: () => Promise<unknown>): Promise<readonly string[] | string> {
  const disarm = (message: unknown): void => {
    const { socket } = message as { socket: Socket } // what the channel is documented to carry
    socket.connect = ((normalized: readonly [TcpNetConnectOpts]) => {
      Object.assign(socket, { connecting: true }) // so that what is written meanwhile waits
      void destination(normalized[0]).then(
        (addresses) => socket.destroy(new WouldConnect(addresses)),
        (error: unknown) => socket.destroy(error instanceof Error ? error : new Error(String(error))),
      )
      return socket
    }) as unknown as Socket['connect'] // net.connect passes its arguments normalised into one
  }
  diagnostics.subscribe('net.client.socket', disarm)
  try {
    await work()
    return 'answered'
  } catch (error) {
    if (error instanceof WouldConnect) return error.addresses
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  } finally {
    diagnostics.unsubscribe('net.client.socket', disarm)
  }
}

/** What a socket does before it connects: a literal is taken as it is, a name is looked up. */
async function destination({ host = '', lookup }: TcpNetConnectOpts): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  if (lookup === undefined) throw new Error('the socket was given no lookup of its own')
  return new Promise((resolve, reject) => {
    const done: Parameters<LookupFunction>[2] = (error, answer: string | LookupAddress[]) => {
      if (error !== null) reject(error)
      else resolve(typeof answer === 'string' ? [answer] : answer.map(({ address }) => address))
    }
    lookup(host, { all: true }, done)
  })
}
