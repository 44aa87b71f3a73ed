import type { LookupAddress } from 'node:dns'
import type { LookupFunction, TcpNetConnectOpts } from 'node:net'
import { isIP, Socket } from 'node:net'

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
  const { connect } = Socket.prototype
  Socket.prototype.connect = function disarmed(this: Socket, ...args: readonly unknown[]) {
    Object.assign(this, { connecting: true }) // so that what is written meanwhile waits
    void destination(optionsOf(args)).then(
      (addresses) => this.destroy(new WouldConnect(addresses)),
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    )
    return this
  }
  try {
    await work()
    return 'answered'
  } catch (error) {
    if (error instanceof WouldConnect) return error.addresses
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  } finally {
    Socket.prototype.connect = connect
  }
}

/** `net.connect` hands its arguments on in an array of its own. */
function optionsOf([first]: readonly unknown[]): TcpNetConnectOpts {
  const options: unknown = Array.isArray(first) ? first[0] : first
  if (typeof options !== 'object' || options === null) throw new Error('a socket was connected in an unknown way')
  return options as TcpNetConnectOpts // what http hands to net
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
