import { logRefusals } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { testIssuer } from '@tokenward/testing'
import express from 'express'

import { app } from '../snippets/readme.ts'
import { transcript } from '../transcript.ts'
import type { Said } from './host.ts'
import { audience, issuerName, networkFailure, withIssuers } from './host.ts'
import type { Outputs } from './output.ts'

const issuer = await testIssuer({ issuer: issuerName })

const commands = {
  missing: 'curl -i http://localhost:3000/orders',
  bad: 'curl -i http://localhost:3000/orders -H "Authorization: Bearer not-a-token"',
  forbidden: 'curl -i http://localhost:3000/orders -H "Authorization: Bearer $TOKEN_WITHOUT_SCOPE"',
  good: 'curl -i http://localhost:3000/orders -H "Authorization: Bearer $TOKEN"',
}

/** What the route of the README answers to one command. */
export async function run(command: keyof typeof commands): Promise<Said<string>> {
  const tokens = {
    TOKEN: await issuer.mint({ aud: audience }),
    TOKEN_WITHOUT_SCOPE: await issuer.mint({ aud: audience, scope: 'profile' }),
  }
  return withIssuers([issuer], () => transcript(app, commands[command], tokens))
}

async function runAll(): Promise<readonly Said<string>[]> {
  return [await run('missing'), await run('bad'), await run('forbidden'), await run('good')]
}

/** The line that the route of the README logs for this token. */
async function logged(token: string): Promise<readonly string[]> {
  const command = 'curl -i http://localhost:3000/orders -H "Authorization: Bearer $TOKEN"'
  return (await withIssuers([issuer], () => transcript(app, command, { TOKEN: token }))).lines
}

/** What is logged of a first token whose issuer cannot be found. */
async function unreachable(): Promise<readonly string[]> {
  const system = { fetch: () => Promise.reject(networkFailure('ENOTFOUND')) }
  const api = tokenward({ issuer: issuerName, audience, system, onEvent: logRefusals(console) })
  const token = await issuer.mint({ aud: audience })
  const { lines } = await withIssuers([], () =>
    transcript(express().use(api.authenticate), commands.good, { TOKEN: token }),
  )
  await api.close()
  return lines
}

export const readmeOutputs: Outputs = {
  'readme-answers': async () => (await runAll()).map(({ result }) => result).join('\n\n'),
  'readme-log': async () => (await runAll()).flatMap(({ lines }) => lines).join('\n'),

  'get-started-missing': async () => (await run('missing')).result,
  'get-started-good': async () => (await run('good')).result,
  'get-started-first-day': async () => {
    const slash = await testIssuer({ issuer: `${issuerName}/` })
    const lines = [
      await logged(await issuer.mint({ aud: 'https://orders.example' })),
      await logged(await slash.mint({ aud: audience })),
      await logged(await issuer.mint({ aud: audience }, { header: { typ: 'JWT' } })),
      await unreachable(),
    ]
    return lines.flat().join('\n')
  },
}
