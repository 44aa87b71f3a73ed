import { scopes } from '@tokenward/core'
import cors from 'cors'
import { describe, expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { origin, preflight } from '../support/preflight.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

describe.each(expressVersions)('%s', (_version, express) => {
  it('with cors in front: preflights are answered, and scripts can read the challenge', async () => {
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    app.use(cors({ origin, exposedHeaders: ['WWW-Authenticate'] }))
    app.use(api.authenticate)
    app.get('/orders', api.authorize(scopes('orders:read')), (_request, response) => void response.send('in'))
    const { ask } = await serve(app)

    const allowed = await ask('/orders', preflight)
    expect(allowed).toMatchObject({ status: 204, body: '' })
    expect(only(allowed, 'Access-Control-Allow-Origin')).toBe(origin)
    expect(only(allowed, 'Access-Control-Allow-Headers')).toBe('authorization')

    const tokens = { 401: undefined, 403: await issuer.mint({ scope: 'other' }), 200: await issuer.mint() }
    for (const [status, token] of Object.entries(tokens)) {
      const response = await ask('/orders', { headers: [['Origin', origin]], token })
      expect(response.status).toBe(Number(status))
      expect(only(response, 'Access-Control-Allow-Origin')).toBe(origin)
      expect(only(response, 'Access-Control-Expose-Headers')).toBe('WWW-Authenticate')
      expect(fieldValues(response, 'WWW-Authenticate')).toHaveLength(status === '200' ? 0 : 1)
    }
  })

  verifies('RFC6750-3.1-i', 'RFC6750-3-a')('without it: a preflight is a request without a token', async () => {
    const { tokenward } = await scene()
    const api = tokenward()
    const app = express()
    app.use(api.authenticate, cors({ origin }))
    const { ask } = await serve(app)

    const refused = await ask('/orders', preflight)
    expect(refused).toMatchObject({ status: 401, body: '' })
    expect(only(refused, 'WWW-Authenticate')).toBe('Bearer realm="api"')
    expect(only(refused, 'Access-Control-Allow-Origin')).toBeUndefined()
  })
})
