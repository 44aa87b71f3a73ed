import type { CryptoKey } from 'jose'
import type { Algorithm } from './issuers/algorithms.ts'

/** What a host does better than through WebCrypto. Imported as `#cryptography`: package.json names who is given what. */
export interface NativeCryptography {
  /** SHA-256 of a text in UTF-8, as base64url, at once. */
  readonly sha256: (text: string) => string
  /** The octets of a text of the base64url alphabet without padding or stray bits; undefined for other characters. */
  readonly decodeBase64url: (text: string) => Uint8Array | undefined
  /** The text in UTF-8 that such a text stands for; undefined too where it takes a closer look. */
  readonly decodeBase64urlText: (text: string) => string | undefined
  /** Undefined where the check is better left to WebCrypto. */
  readonly signatureCheck: (key: CryptoKey, algorithm: Algorithm) => SignatureCheck | undefined
}

/** Whether the key made the signature over that ASCII text; at once, or from the host's thread pool. */
export type SignatureCheck = (signed: string, signature: Uint8Array) => boolean | Promise<boolean>

/** The web path: every runtime has WebCrypto, and jose uses it. */
export const native: NativeCryptography | undefined = undefined
