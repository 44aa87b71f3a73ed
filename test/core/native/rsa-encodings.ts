import type { KeyObject } from 'node:crypto'
import { constants, createHash, privateEncrypt, randomBytes } from 'node:crypto'

// The encodings of RFC 8017, written out so that they can be got wrong on purpose.

/** RSASP1 (section 5.2.1): what becomes these octets when the public key is applied. */
export function rawSignature(privateKey: KeyObject, message: Uint8Array): Uint8Array {
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message)
}

/** Section 9.2, notes: what stands before a hash, in DER. */
const DIGEST_INFO = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}
export type Hash = keyof typeof DIGEST_INFO

export function digestInfo(hash: Hash, text: string): Buffer {
  return Buffer.concat([Buffer.from(DIGEST_INFO[hash], 'hex'), digest(hash, text)])
}

export function digest(hash: Hash, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const hashing = createHash(hash)
  for (const part of parts) hashing.update(part)
  return hashing.digest()
}

/** EMSA-PKCS1-v1_5 (section 9.2) of whatever is put there: `00 01 ff… 00 content`, and `after` it. */
export function pkcs1(
  octets: number,
  content: Uint8Array,
  { head = [0, 1], fill = 0xff, separator = [0], after = new Uint8Array() } = {},
): Uint8Array {
  const filled = octets - head.length - separator.length - content.length - after.length
  return Uint8Array.from([...head, ...new Uint8Array(filled).fill(fill), ...separator, ...content, ...after])
}

export interface PssChanges {
  readonly salt?: Uint8Array
  readonly mgfHash?: Hash
  readonly trailer?: number
  /** What stands between the zeros and the salt. */
  readonly mark?: number
  /** The bits before the encoded message, which have to be zero. */
  readonly top?: number
  /** The first octet of the padding, a zero too. */
  readonly padding?: number
}

/** EMSA-PSS (section 9.1.1) for a modulus of whole octets. */
export function pss(octets: number, hash: Hash, text: string, changes: PssChanges = {}): Uint8Array {
  const length = digest(hash).length
  const { salt = randomBytes(length), mgfHash = hash, trailer = 0xbc, mark = 1, top = 0, padding = 0 } = changes
  const h = digest(hash, new Uint8Array(8), digest(hash, text), salt)
  const zeros = new Uint8Array(octets - salt.length - length - 2)
  zeros[zeros.length > 1 ? 1 : 0] = padding
  const db = Uint8Array.from([...zeros, mark, ...salt])
  const masked = mgf1(mgfHash, h, db.length).map((octet, at) => octet ^ (db[at] ?? 0))
  masked[0] = ((masked[0] ?? 0) & 0x7f) | top
  return Uint8Array.from([...masked, ...h, trailer])
}

/** MGF1 (appendix B.2.1). */
function mgf1(hash: Hash, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Buffer[] = []
  for (let counter = 0; blocks.length * digest(hash).length < length; counter += 1) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    blocks.push(digest(hash, seed, number))
  }
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, length))
}
