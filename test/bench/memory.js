// What a remembered token weighs, and that a flood of tokens weighs no more than the cache may hold.
import process from 'node:process'
import { openIssuer } from './issuer.js'
import { load } from './load.js'
import './loopback-only.js'
import { memoryTables } from './report/memory.js'
import { collectAllGarbage } from './rounds.js'
import { isProgram, runSection } from './section.js'

export const plan = {
  full: { sizes: [1000, 10_000, 100_000], flood: { maxTokens: 10_000, tokens: 100_000 } },
  quick: { sizes: [1000, 10_000], flood: { maxTokens: 1000, tokens: 10_000 } },
}

export async function measure({ sizes, flood }) {
  // signed with ES256, since minting 100,000 RSA signatures takes long; the signature is not what is remembered
  const issuer = await openIssuer('ES256')
  const pool = (await issuer.mintMany(Math.max(...sizes, flood.tokens))).map((token) => Buffer.from(token))
  const rows = []
  for (const { name, title, open } of RIVALS) {
    await open(issuer, 16).then(async ({ verify }) => verifyAll(verify, pool.slice(0, 2000))) // whatever is made once
    const sizesOf = []
    for (const tokens of sizes) sizesOf.push({ tokens, octets: await octetsPerToken(open, issuer, pool, tokens) })
    rows.push({ name, title, sizes: sizesOf, flood: await floodOctets(open, issuer, pool, flood) })
  }
  issuer.close()
  return { algorithm: 'ES256', tokenCharacters: pool[0].length, flood, rows }
}

export const tables = memoryTables

const RIVALS = [
  {
    name: 'tokenward',
    title: 'Tokenward',
    open: async ({ issuer, audience, fetch }, maxTokens) => {
      const { createVerifier } = await load('@tokenward/core')
      const verifier = createVerifier({ issuer, audience, system: { fetch }, cache: { maxTokens } })
      await verifier.warmUp()
      return { verify: (token) => verifier.verify(token), close: () => verifier.close() }
    },
  },
  {
    name: 'fast-jwt-cache',
    title: 'fast-jwt, cache',
    open: async ({ issuer, audience, alg, pem }, cache) => {
      const { createVerifier } = await load('fast-jwt')
      return {
        verify: createVerifier({ key: pem, algorithms: [alg], allowedIss: issuer, allowedAud: audience, cache }),
      }
    },
  },
]

async function octetsPerToken(open, issuer, pool, tokens) {
  const before = octetsInUse()
  const verifier = await open(issuer, tokens)
  await verifyAll(verifier.verify, pool.slice(0, tokens))
  const after = octetsInUse()
  await verifyAll(verifier.verify, pool.slice(0, 1)) // holds the verifier until here
  await verifier.close?.()
  return (after - before) / tokens
}

/** Octets that are held after a full cache, and after many times as many tokens. */
async function floodOctets(open, issuer, pool, { maxTokens, tokens }) {
  const before = octetsInUse()
  const verifier = await open(issuer, maxTokens)
  await verifyAll(verifier.verify, pool.slice(0, maxTokens))
  const full = octetsInUse() - before
  await verifyAll(verifier.verify, pool.slice(0, tokens))
  const flooded = octetsInUse() - before
  await verifyAll(verifier.verify, pool.slice(0, 1))
  await verifier.close?.()
  return { full, flooded }
}

/** Each token twice, since some remember it only then; as a new string each time, of which nobody else holds a part. */
async function verifyAll(verify, octets) {
  for (let at = 0; at < octets.length; at += 64) {
    const group = octets.slice(at, at + 64)
    for (let time = 0; time < 2; time += 1) await Promise.all(group.map(async (token) => verify(token.latin1Slice())))
  }
}

function octetsInUse() {
  collectAllGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

if (isProgram(import.meta)) await runSection({ plan, measure, tables })
