import type { KeyLike, KeyObject, VerifyKeyObjectInput } from 'node:crypto'
import type * as NodeCrypto from 'node:crypto'
import type { CryptoKey } from 'jose'
import type { NativeCryptography, SignatureCheck } from '../cryptography.ts'
import type { Algorithm } from '../issuers/algorithms.ts'
import { isCrowded } from './crowd.ts'
import { derSignature } from './der-signature.ts'

/** Larger RSA keys and the longer curves gain too little: their arithmetic costs more than the way to WebCrypto. */
const MOST_RSA_BITS = 4096

let loaded: typeof NodeCrypto | undefined

/** Loaded by the first token, since it takes a quarter of the time that everything else takes to start. */
function crypto(): typeof NodeCrypto {
  loaded ??= process.getBuiltinModule('node:crypto')
  return loaded
}

/** Where texts are decoded: an allocation for each costs as much as the decoding. What is left in it is never read. */
let workspace: Buffer | undefined
const LONGEST_TEXT = 4096

const BEYOND_LATIN1 = /[^\0-\xff]/

/**
 * Whether a text that Node decoded to so many octets was of the base64url alphabet. Node passes over what is no letter,
 * and then octets are missing; it takes the letters of base64 as well, and of two octets sees the lower one.
 */
function isAllLetters(text: string, octets: number): boolean {
  const isComplete = octets === Math.floor((text.length * 3) / 4)
  return isComplete && !text.includes('+') && !text.includes('/') && !BEYOND_LATIN1.test(text)
}

/** The Node path, where a measured gain pays: a trip to WebCrypto and back costs more than an RSA check. */
export const native: NativeCryptography = {
  sha256: (text) => crypto().hash('sha256', text, 'base64url'),
  decodeBase64url: (text) => {
    const octets = Buffer.from(text, 'base64url')
    return isAllLetters(text, octets.length) ? octets : undefined
  },
  decodeBase64urlText: (text) => {
    if (text.length > LONGEST_TEXT) return undefined
    workspace ??= Buffer.allocUnsafeSlow(LONGEST_TEXT)
    const end = workspace.write(text, 'base64url')
    if (!isAllLetters(text, end)) return undefined
    const decoded = workspace.toString('utf8', 0, end)
    return decoded.includes('\ufffd') ? undefined : decoded // stands for what is no UTF-8, and may have been sent
  },
  signatureCheck: (key, algorithm): SignatureCheck | undefined => {
    const keyObject = isFor(algorithm, key.algorithm) ? keyObjectOf(key) : undefined
    if (keyObject === undefined) return undefined
    const { constants } = crypto()
    // RFC 7518 section 3.5: the salt is as long as the hash
    const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    switch (algorithm) {
      case 'RS256':
      case 'RS384':
      case 'RS512':
        return isShort(keyObject) ? directCheck(hashOf(algorithm), keyObject) : undefined
      case 'PS256':
      case 'PS384':
      case 'PS512':
        return isShort(keyObject) ? pssCheck(key, hashOf(algorithm), { key: keyObject, ...pss }) : undefined
      case 'ES256':
        return curveCheck('sha256', keyObject, derSignature)
      case 'Ed25519':
      case 'EdDSA':
        return curveCheck(null, keyObject, (signature) => signature)
      case 'ES384':
      case 'ES512':
        return undefined
    }
  },
}

type Key = KeyLike | VerifyKeyObjectInput
type SyncCheck = (signed: string, signature: Uint8Array) => boolean
type PoolCheck = (signed: Uint8Array, signature: Uint8Array) => Promise<boolean>

/** What WebCrypto says that a key is for. */
interface KeyUse {
  readonly name: string
  readonly hash?: { readonly name: string }
  readonly namedCurve?: string
}

/** A key that was imported for anything else is jose's to refuse. */
function isFor(algorithm: Algorithm, { name, hash, namedCurve }: KeyUse): boolean {
  const bits = algorithm.slice(2)
  switch (algorithm.slice(0, 2)) {
    case 'RS':
      return name === 'RSASSA-PKCS1-v1_5' && hash?.name === `SHA-${bits}`
    case 'PS':
      return name === 'RSA-PSS' && hash?.name === `SHA-${bits}`
    case 'ES':
      return name === 'ECDSA' && namedCurve === `P-${bits}`
    default:
      return name === 'Ed25519'
  }
}

/** Undefined for a key that a WebCrypto other than Node's made, as a polyfill is: only that can use it. */
function keyObjectOf(key: CryptoKey): KeyObject | undefined {
  try {
    return crypto().KeyObject.from(key)
  } catch {
    return undefined
  }
}

function isShort(key: KeyObject): boolean {
  return (key.asymmetricKeyDetails?.modulusLength ?? Infinity) <= MOST_RSA_BITS
}

function hashOf(algorithm: Algorithm): string {
  return `sha${algorithm.slice(2)}`
}

/** The cheapest check there is: cheaper than the one call that does all of it, and with a key alone than with options. */
function directCheck(hashName: string, key: Key): SyncCheck {
  return (signed, signature) => crypto().createVerify(hashName).update(signed, 'latin1').verify(key, signature)
}

/** A check that the thread pool does where many come at once. */
function sharedCheck(direct: SyncCheck, inPool: PoolCheck): SignatureCheck {
  return (signed, signature) => (isCrowded() ? inPool(octetsOf(signed), signature) : direct(signed, signature))
}

/** From Node 24 on, which has OpenSSL 3.5, WebCrypto is the cheaper way through the pool; before, it was the dearer one. */
function pssCheck(key: CryptoKey, hashName: string, options: VerifyKeyObjectInput): SignatureCheck {
  const direct = directCheck(hashName, options)
  if (Number.parseInt(process.versions.node) < 24)
    return sharedCheck(direct, (octets, signature) => verifyInPool(hashName, octets, options, signature))
  const saltLength = Number(hashName.slice('sha'.length)) / 8
  const { subtle } = crypto().webcrypto
  return sharedCheck(direct, async (octets, signature) =>
    subtle.verify({ name: 'RSA-PSS', saltLength }, key, signature, octets),
  )
}

/** Ed25519 has no hash of its own choice, and nothing that could be fed piece by piece. */
function wholeCheck(key: Key): SyncCheck {
  return (signed, signature) => crypto().verify(null, octetsOf(signed), key, signature)
}

/** The text is ASCII, of which this encoding is the cheapest. */
function octetsOf(signed: string): Uint8Array {
  return Buffer.from(signed, 'latin1')
}

/** RFC 7518 section 3.4 and RFC 8037 section 3.1: signatures of both curves have 64 octets. */
function curveCheck(
  hashName: string | null,
  key: KeyObject,
  encoded: (signature: Uint8Array) => Uint8Array,
): SignatureCheck {
  const direct = hashName === null ? wholeCheck(key) : directCheck(hashName, key)
  const check = sharedCheck(direct, (octets, signature) => verifyInPool(hashName, octets, key, signature))
  return (signed, signature) => signature.length === 64 && check(signed, encoded(signature))
}

function verifyInPool(hashName: string | null, signed: Uint8Array, key: Key, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    crypto().verify(hashName, signed, key, signature, (error, isGood) => (error ? reject(error) : resolve(isGood)))
  })
}
