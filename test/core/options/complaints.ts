import { createVerifier, jwtIssuer } from '@tokenward/core'

export const GOOD = { issuer: 'https://issuer.example', audience: 'https://api.example' }

// Options come in as `unknown`, as they do from JavaScript and from configuration files.

/** What createVerifier says to these changes of good options; undefined where it says nothing. */
export function complaint(changes: unknown): string | undefined {
  return thrownBy(() => createVerifier({ ...GOOD, ...Object(changes) }))
}

/** The same for jwtIssuer. */
export function issuerComplaint(changes: unknown): string | undefined {
  return thrownBy(() => jwtIssuer({ issuer: GOOD.issuer, ...Object(changes) }))
}

/** The message of the TypeError that `make` throws; undefined where it throws nothing. */
export function thrownBy(make: () => unknown): string | undefined {
  try {
    make()
    return undefined
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
}
