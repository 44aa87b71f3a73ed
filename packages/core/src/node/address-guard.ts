import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address.ts'

export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

export type ResolveAll = (hostname: string) => Promise<readonly ResolvedAddress[]>

export interface AddressGuard {
  /** The look-up of a connection: answers only if every address of the name is allowed. */
  readonly lookup: LookupFunction
  /** An address that stands in the URL itself is never looked up. @throws Error ADDRESS_REFUSED */
  readonly requireAllowed: (target: URL) => void
}

/** Judges addresses at the moment of connecting, so that a name that answers differently the next time changes nothing. */
export function addressGuard(resolve: ResolveAll, allowLoopback: boolean): AddressGuard {
  const isAllowed = (address: string): boolean => isPublicAddress(address, allowLoopback)
  const judged = async (hostname: string): Promise<readonly ResolvedAddress[]> => {
    const addresses = await resolve(hostname)
    if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address))) throw refused(hostname)
    return addresses
  }
  return {
    lookup: (hostname, { all }, done) => {
      judged(hostname).then(
        (addresses) => {
          const [first] = addresses
          if (all === true) done(null, [...addresses])
          else done(null, first?.address ?? '', first?.family)
        },
        (error: unknown) => done(error instanceof Error ? error : refused(hostname), ''),
      )
    },
    requireAllowed: ({ hostname }) => {
      const literal = hostname.replace(/^\[|\]$/g, '')
      if (isIP(literal) !== 0 && !isAllowed(literal)) throw refused(literal)
    },
  }
}

function refused(name: string): Error {
  return Object.assign(new Error(`${name} is, or has, an address that is not public`), { code: 'ADDRESS_REFUSED' })
}
