import type { KeyLike, KeyObject, VerifyKeyObjectInput } from 'node:crypto'
import type * as NodeCrypto from 'node:crypto'
import type { CryptoKey } from 'jose'
import type { NativeCryptography, SignatureCheck } from '../cryptography.ts'
import type { Algorithm } from '../issuers/algorithms.ts'
import { derSignature } from './der-signature.ts'

/** Larger RSA keys and the longer curves gain too little: their arithmetic costs more than the way to WebCrypto. */
const MOST_RSA_BITS = 4096
/** With so many checks of a curve at once the thread pool pays; fewer are sooner done here. */
const MOST_AT_ONCE = 4

let loaded: typeof NodeCrypto | undefined

/** Loaded by the first token, since it takes a quarter of the time that everything else takes to start. */
function crypto(): typeof NodeCrypto {
  loaded ??= process.getBuiltinModule('node:crypto')
  return loaded
}

/** The Node path, where a measured gain pays: a trip to WebCrypto and back costs more than an RSA check. */
export const native: NativeCryptography = {
  sha256: (text) => crypto().hash('sha256', text, 'base64url'),
  decodeBase64url: (text) => {
    const octets = Buffer.from(text, 'base64url')
    // Node reads over what is no letter, and takes others for one; what it would write itself has one spelling
    return octets.toString('base64url') === text ? octets : undefined
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
        return isShort(keyObject) ? rsaCheck(algorithm, keyObject) : undefined
      case 'PS256':
      case 'PS384':
      case 'PS512':
        return isShort(keyObject) ? rsaCheck(algorithm, { key: keyObject, ...pss }) : undefined
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

/** RFC 7518 sections 3.3 and 3.5. A key object alone is half the way of one among options. */
function rsaCheck(algorithm: Algorithm, key: Key): SignatureCheck {
  const hashName = `sha${algorithm.slice(2)}`
  return (signed, signature) => crypto().createVerify(hashName).update(signed, 'latin1').verify(key, signature)
}

let atOnce = 0
const turnsEnd = Promise.resolve()

/** RFC 7518 section 3.4 and RFC 8037 section 3.1: signatures of both curves have 64 octets. */
function curveCheck(
  hashName: string | null,
  key: KeyObject,
  encoded: (signature: Uint8Array) => Uint8Array,
): SignatureCheck {
  return async (signed, signature) => {
    if (signature.length !== 64) return false
    atOnce += 1
    try {
      await turnsEnd // all who come in this turn are counted before the first is checked
      const check = [hashName, octetsOf(signed), key, encoded(signature)] as const
      return atOnce > MOST_AT_ONCE ? await verifyInPool(...check) : crypto().verify(...check)
    } finally {
      atOnce -= 1
    }
  }
}

function verifyInPool(hashName: string | null, signed: Uint8Array, key: Key, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    crypto().verify(hashName, signed, key, signature, (error, isGood) => (error ? reject(error) : resolve(isGood)))
  })
}

/** The text is ASCII, of which this encoding is the cheapest. */
function octetsOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
