import type { System } from '../../system.ts'
import type { DiscoveryOptions } from '../issuer-metadata.ts'
import { IssuerMetadata } from '../issuer-metadata.ts'
import type { KeyLoader } from './key-store.ts'
import { loadKeySet } from './remote-keys.ts'

/** Loads keys from wherever the issuer's metadata says they are. */
export function discoveredKeys(system: System, options: DiscoveryOptions): KeyLoader {
  const metadata = new IssuerMetadata(system, options)
  let asking: string | undefined
  let taggedUrl: string | undefined
  return {
    load: async (signal, etag) => {
      asking = undefined
      const url = await metadata.url('jwks_uri', signal)
      asking = url
      try {
        const loaded = await loadKeySet(system, url, signal, taggedUrl === url ? etag : undefined) // a tag means something at its own URL only
        taggedUrl = url
        return loaded
      } catch (error) {
        metadata.forget()
        throw error
      }
    },
    asking: () => asking ?? metadata.asking,
  }
}
