import { testIssuer } from '@tokenward/testing'
import type { FastifyInstance } from 'fastify'

import { crossOrigin, forward } from '../snippets/fastify-routes.ts'
import { app } from '../snippets/fastify.ts'
import { transcript } from '../transcript.ts'
import { audience, issuerName, withIssuers } from './host.ts'
import type { Outputs } from './output.ts'

const issuer = await testIssuer({ issuer: issuerName })
const get = 'curl -i http://localhost:3000/orders'
const withToken = `${get} -H "Authorization: Bearer $TOKEN"`

async function ask(asked: FastifyInstance, command: string, claims = {}): Promise<string> {
  const token = await issuer.mint({ aud: audience, ...claims })
  await asked.ready()
  return (await withIssuers([issuer], () => transcript(asked.routing, command, { TOKEN: token }))).result
}

export const fastifyOutputs: Outputs = {
  'fastify-missing': () => ask(app, get),
  'fastify-good': () => ask(app, withToken),
  'fastify-forbidden': () => ask(app, withToken, { scope: 'profile' }),
  'fastify-forward': async () => ask(await forward(), withToken, { scope: 'profile' }),
  'fastify-preflight': async () =>
    ask(
      await crossOrigin(),
      `curl -i -X OPTIONS http://localhost:3000/orders -H "Origin: https://app.example.com" -H "Access-Control-Request-Method: GET" -H "Access-Control-Request-Headers: authorization"`,
    ),
}
