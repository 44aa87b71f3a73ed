import { isIPv6 } from 'node:net'
import type { LookupAddress } from 'node:dns'
import type { ResolveAll } from '../../../packages/core/src/node/address-guard.ts'
import { addressGuard } from '../../../packages/core/src/node/address-guard.ts'

// The judgement alone, without a socket: addresses out in the world are judged here and never contacted.

export const REFUSED = 'ADDRESS_REFUSED'

/** Resolves every name to these addresses. */
export const resolvesTo =
  (...addresses: readonly string[]): ResolveAll =>
  async () =>
    addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))

/** What a connection to a name would be allowed to use: its addresses, or the code of the refusal. */
export async function judgedName(
  resolve: ResolveAll,
  { allowLoopback = false, all = true } = {},
): Promise<readonly string[] | string> {
  return new Promise((settle) => {
    addressGuard(resolve, allowLoopback).lookup('name.example', { all }, (error, answer: string | LookupAddress[]) => {
      if (error !== null) settle(String(error.code))
      else settle(typeof answer === 'string' ? [answer] : answer.map(({ address }) => address))
    })
  })
}

/** What an address in a URL comes to: the host as it would be connected to, or the code of the refusal. */
export function judgedLiteral(host: string, { allowLoopback = false } = {}): string {
  const target = new URL(`http://${host}/jwks`)
  try {
    addressGuard(resolvesTo(), allowLoopback).requireAllowed(target)
    return target.hostname
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed'
  }
}
