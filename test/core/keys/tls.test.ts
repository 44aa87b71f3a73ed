import { createServer, get } from 'node:https'
import { createVerifier } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { describe, expect } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { selfSigned } from '../node/certificate.ts'
import { AUDIENCE, refusalOf } from '../scene.ts'

describe('an issuer whose certificate nobody vouches for', () => {
  verifies('RFC8414-6.1-a')('is not asked for keys: its metadata cannot be had', async () => {
    const certificate = selfSigned()
    const asked: (string | undefined)[] = []
    const server = createServer(certificate, (request, response) => {
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
      const trusting = { ca: certificate.cert, agent: false }
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
