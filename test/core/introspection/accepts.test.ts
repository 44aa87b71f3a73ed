import { clientSecretBasic, createVerifier, introspectedIssuer } from '@tokenward/core'
import { afterEach, beforeEach, expect, it } from 'vitest'

const unhandled: unknown[] = []
const remember = (reason: unknown): void => void unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', remember)
})

afterEach(() => {
  process.off('unhandledRejection', remember)
})

it('accepts that is asynchronous and rejects takes no token, asks nobody and leaves no unhandled rejection', async () => {
  const requests: string[] = []
  const accepts = (async () => Promise.reject(new Error('later'))) as unknown as () => boolean // the types forbid it
  const verifier = createVerifier({
    issuer: introspectedIssuer({
      issuer: 'https://issuer.example',
      endpoint: 'https://issuer.example/introspect',
      clientAuthentication: clientSecretBasic('api', 'secret'),
      accepts,
    }),
    audience: 'https://api.example',
    system: {
      fetch: async (url) => {
        requests.push(url)
        return Response.json({ active: true })
      },
    },
  })

  await expect(verifier.verify('opaque')).rejects.toMatchObject({ code: 'ISSUER_UNTRUSTED' })
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect(requests).toEqual([])
  expect(unhandled).toEqual([])
})
