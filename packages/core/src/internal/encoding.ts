import { decode } from 'jose/base64url'
import { native } from '#cryptography'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CHARACTERS = /^[A-Za-z0-9_-]*$/

/**
 * Strict base64url (RFC 7515 section 2): no padding, no other characters, no stray bits, so that one value has one
 * spelling.
 *
 * @returns the octets, or undefined where `text` is anything else
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (hasStrayBits(text)) return undefined
  if (native !== undefined) return native.decodeBase64url(text)
  return CHARACTERS.test(text) ? decode(text) : undefined
}

/** As {@link decodeBase64url}, for what shall be UTF-8: as a text, where the host has that at once. */
export function decodeBase64urlText(text: string): string | Uint8Array | undefined {
  if (hasStrayBits(text)) return undefined
  return native?.decodeBase64urlText(text) ?? decodeBase64url(text)
}

function hasStrayBits(text: string): boolean {
  const rest = text.length % 4
  if (rest === 0) return false
  const lastBits = ALPHABET.indexOf(text.slice(-1))
  return rest === 1 || (lastBits & (rest === 2 ? 0b1111 : 0b11)) !== 0
}
