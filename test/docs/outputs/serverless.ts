import { testIssuer } from '@tokenward/testing'
import type { TestIssuer } from '@tokenward/testing'
import type { RequestListener } from 'node:http'

import { handler as authorize } from '../../../docs/examples/aws-lambda/src/authorizer-iam.ts'
import { handler as byLoadBalancer } from '../../../docs/examples/aws-lambda/src/by-hand.ts'
import { handler as byHttpApi } from '../../../docs/examples/aws-lambda/src/orders.ts'
import hono from '../../../docs/examples/web/src/hono.ts'
import { orders } from '../../../docs/examples/web/src/orders.ts'
import { albEvent, bearer, httpApiEvent, lambdaContext, requestAuthorizerEvent } from '../../aws-lambda/events.ts'
import { fetchListener } from '../../web/fetch-listener.ts'
import { transcript } from '../transcript.ts'
import { audience, issuerName, withIssuers } from './host.ts'
import type { Outputs } from './output.ts'

const issuer = await testIssuer({ issuer: issuerName })
const get = 'curl -i http://localhost:3000/orders'
const mint: TestIssuer['mint'] = (claims = {}) => issuer.mint({ aud: audience, ...claims })

async function ask(app: RequestListener, command: string, claims = {}): Promise<string> {
  const token = await mint(claims)
  return (await withIssuers([issuer], () => transcript(app, command, { TOKEN: token }))).result
}

async function printed(run: () => Promise<unknown>): Promise<string> {
  return JSON.stringify((await withIssuers([issuer], run)).result, undefined, 2)
}

const withToken = `${get} -H "Authorization: Bearer $TOKEN"`

export const serverlessOutputs: Outputs = {
  'web-missing': () => ask(fetchListener(orders), get),
  'web-answer': () => ask(fetchListener(orders), withToken),
  'hono-forbidden': () =>
    ask(
      fetchListener((request) => hono.fetch(request)),
      withToken,
      { scope: 'profile' },
    ),
  'lambda-missing': () => printed(() => byHttpApi(httpApiEvent(), lambdaContext)),
  'lambda-load-balancer': () => printed(() => byLoadBalancer(albEvent('multi'))),
  'lambda-authorizer': async () => {
    const token = await mint({ tenant: 'acme', exp: 4_102_444_800 })
    return printed(() => authorize(requestAuthorizerEvent(bearer(token))))
  },
}
