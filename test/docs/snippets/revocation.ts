import { introspectedIssuer, logRefusals, memoryRevocations } from '@tokenward/core'
import type { ClientAuthentication } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { redisIntrospectionCache, redisRevocations } from '@tokenward/redis'
import { Redis } from 'ioredis'
import { ioredisClient } from '../../redis/adapters.ts'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'

export function inOneProcess() {
  // #region memory
  const revocations = memoryRevocations()
  const api = tokenward({ issuer, audience, revocations, onEvent: logRefusals(console) })
  // #endregion
  return { api, revocations }
}

export async function revoke(revocations: ReturnType<typeof memoryRevocations>, jti: string, token: string) {
  const keepSeconds = 3600
  const nowSeconds = Math.floor(Date.now() / 1000)
  // #region revoke
  await revocations.revoke({ issuer, jti, keepSeconds })
  await revocations.revoke({ issuer, session: 'session-7', keepSeconds })
  await revocations.revoke({ issuer, subject: 'user-1', issuedBefore: nowSeconds, keepSeconds })
  await revocations.revoke({ token, keepSeconds })
  // #endregion
}

export async function overRedis(clientAuthentication: ClientAuthentication) {
  // #region redis
  const client = ioredisClient(new Redis('redis://redis.internal:6379'))
  const revocations = redisRevocations({ client, onEvent: logRefusals(console) })
  await revocations.ready()

  const api = tokenward({ issuer, audience, revocations, onEvent: logRefusals(console) })
  // #endregion
  // #region cache
  const asked = introspectedIssuer({
    issuer,
    clientAuthentication,
    cache: { shared: redisIntrospectionCache({ client }) },
  })
  // #endregion
  return { api, asked }
}
