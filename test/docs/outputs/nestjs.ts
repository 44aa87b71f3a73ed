import { NestFactory } from '@nestjs/core'
import { testIssuer } from '@tokenward/testing'

import { AppModule } from '../../../docs/examples/nestjs/src/app.module.ts'
import { transcript } from '../transcript.ts'
import { audience, issuerName, withIssuers } from './host.ts'
import type { Outputs } from './output.ts'

const issuer = await testIssuer({ issuer: issuerName })
const get = 'curl -i http://localhost:3000/orders'
const withToken = `${get} -H "Authorization: Bearer $TOKEN"`

async function ask(command: string, claims = {}): Promise<string> {
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false })
  await app.init()
  const token = await issuer.mint({ aud: audience, ...claims })
  const { result } = await withIssuers([issuer], () =>
    transcript(app.getHttpAdapter().getInstance(), command, { TOKEN: token }),
  )
  await app.close()
  return result
}

export const nestOutputs: Outputs = {
  'nestjs-missing': () => ask(get),
  'nestjs-good': () => ask(withToken),
  'nestjs-forbidden': () => ask(withToken, { scope: 'profile' }),
}
