import { encode } from 'jose/base64url'
import { native } from '#cryptography'

const encoder = new TextEncoder()

/** SHA-256 of a text in UTF-8, as base64url. At once where the host can, since it is asked for once per request. */
export function sha256(text: string): string | Promise<string> {
  return native === undefined ? digest(text) : native.sha256(text)
}

async function digest(text: string): Promise<string> {
  return encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))
}
