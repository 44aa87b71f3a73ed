import { isAbsolute, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { load } from '../load.js'

const open = async ({ issuer, audience, fetch }, core, options) => {
  const { createVerifier } = await core()
  const verifier = createVerifier({ issuer, audience, system: { fetch }, ...options })
  await verifier.warmUp()
  return { verify: (token) => verifier.verify(token), close: () => verifier.close() }
}
const published = () => load('@tokenward/core')

export const tokenward = {
  name: 'tokenward',
  title: 'Tokenward',
  isOurs: true,
  remembers: true,
  open: (issuer) => open(issuer, published, {}),
}

export const tokenwardUncached = {
  name: 'tokenward-uncached',
  title: 'Tokenward, cache: false',
  isOurs: true,
  open: (issuer) => open(issuer, published, { cache: false }),
}

/** Another build of core, to tell what a change is worth: `TOKENWARD_BASELINE` is the folder of the package. */
export const baseline = {
  name: 'baseline',
  title: 'Tokenward before',
  isOurs: true,
  isExtra: true,
  remembers: true,
  open: (issuer) => open(issuer, () => load(baselineEntry()), {}),
}

function baselineEntry() {
  const folder = process.env['TOKENWARD_BASELINE'] ?? ''
  if (!isAbsolute(folder)) throw new Error('TOKENWARD_BASELINE must be the absolute path of a copy of packages/core')
  return pathToFileURL(join(folder, 'dist', 'index.js')).href
}
