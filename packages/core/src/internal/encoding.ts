import { decode } from 'jose/base64url'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CHARACTERS = /^[A-Za-z0-9_-]*$/

/** Strict base64url (RFC 7515 section 2): no padding, no other characters, no stray bits, so that one value has one spelling. */
export function isBase64url(text: string): boolean {
  const rest = text.length % 4
  if (rest === 1 || !CHARACTERS.test(text)) return false
  if (rest === 0) return true
  const lastBits = ALPHABET.indexOf(text.slice(-1))
  return rest === 2 ? (lastBits & 0b1111) === 0 : (lastBits & 0b11) === 0
}

/** The decoded octets, or undefined where `text` is not strict base64url. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  return isBase64url(text) ? decode(text) : undefined
}
