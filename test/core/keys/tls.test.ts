import { createPrivateKey } from 'node:crypto'
import { createServer, get } from 'node:https'
import { createVerifier } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { describe, expect } from 'vitest'
import { es256 } from '../../fixtures/vectors/rfc7515.ts'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, refusalOf } from '../scene.ts'

/** Self-signed, for the key of RFC 7515 Appendix A.3, whose private half the RFC gives to everyone. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUa9Hu25hd35Npzp8LFbVZ0+ner3kwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGZm9yZ2VkMCAXDTI2MTEyMTAzMTc1NFoYDzIxMjYxMDI4MDMxNzU0WjARMQ8wDQYDVQQDDAZmb3JnZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWto1MwUTAdBgNVHQ4EFgQUzo0Wsckzjrf+OXmZrkW+7j+1hoYwHwYDVR0jBBgwFoAUzo0Wsckzjrf+OXmZrkW+7j+1hoYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA3qoR7O1DJfA0rmmdZ57Xp2GHO2uJwYHgeH6N9snosdYCIQC6Mpc/41dxxyUojN5ZU0Jmsg2N5byTpMMXC2bt5QsuBA==
-----END CERTIFICATE-----`

describe('an issuer whose certificate nobody vouches for', () => {
  verifies('RFC8414-6.1-a')('is not asked for keys: its metadata cannot be had', async () => {
    const key = createPrivateKey({ key: es256.privateKey, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' })
    const asked: (string | undefined)[] = []
    const server = createServer({ key, cert: CERTIFICATE }, (request, response) => {
      asked.push(request.url)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ issuer: name, jwks_uri: `${name}/jwks`, ...issuer.jwks() }))
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const name = `https://127.0.0.1:${port}`
    const issuer = await testIssuer({ issuer: name, algorithm: 'ES256' })
    const verifier = createVerifier({ issuer: name, audience: AUDIENCE })

    const refusal = await refusalOf(verifier.verify(await issuer.mint()))
    expect(refusal).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(refusal.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(asked).toEqual([])

    // whoever trusts the certificate is answered, so it was the certificate that kept the verifier away
    const status = await new Promise((resolve, reject) => {
      const trusting = { ca: CERTIFICATE, checkServerIdentity: () => undefined, agent: false }
      get(`${name}/x`, trusting, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
    expect(status).toBe(200)
    await verifier.close()
    server.closeAllConnections()
    server.close()
  })
})
