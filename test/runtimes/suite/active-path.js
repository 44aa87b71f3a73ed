// install.ts puts the probe into the package, where `#cryptography` means what it means to core.
import { native } from '../node_modules/@tokenward/core/probe.js'

/** Who checks signatures and hashes here: `node`, or `web` where that is WebCrypto. */
export const activePath = native === undefined ? 'web' : 'node'
