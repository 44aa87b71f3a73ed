import { verify } from 'node:crypto'

const common = {
  /** A signature and nothing else. */
  checks: ['signature'],
}

/** The limit: one call with a cached key, in the form that Node is fastest with, over octets that are ready. */
export const raw = {
  ...common,
  name: 'raw',
  title: 'raw crypto.verify',
  isSync: true,
  open: ({ nodeCheck: { hash, key, signatureOf } }) => ({
    prepare: split(signatureOf),
    verify: ({ signed, signature }) => {
      if (!verify(hash, signed, key, signature)) throw new Error('bad signature')
    },
  }),
}

/** The same through the thread pool. */
export const rawPool = {
  ...common,
  name: 'raw-pool',
  title: 'raw crypto.verify in the pool',
  isExtra: true,
  open: ({ nodeCheck: { hash, key, signatureOf } }) => ({
    prepare: split(signatureOf),
    verify: ({ signed, signature }) =>
      new Promise((resolve, reject) => {
        verify(hash, signed, key, signature, (error, isGood) => {
          if (isGood) resolve()
          else reject(error ?? new Error('bad signature'))
        })
      }),
  }),
}

const split = (signatureOf) => (token) => {
  const dot = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  return { signed: Buffer.from(token.slice(0, dot)), signature: signatureOf(signature) }
}
