import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

/**
 * Keeps sessions, grants and codes of an authorization server in memory. A second provider over the same storage knows
 * what the first one granted, which is what lets a server replace its signing keys while it runs.
 */
export function memoryStorage(): AdapterFactory {
  const models = new Map<string, Map<string, AdapterPayload>>()
  return (model) => {
    const entries = models.get(model) ?? new Map<string, AdapterPayload>()
    models.set(model, entries)
    return adapter(entries)
  }
}

function adapter(entries: Map<string, AdapterPayload>): Adapter {
  const findBy = (member: 'uid' | 'userCode', value: string) =>
    [...entries.values()].find((payload) => payload[member] === value)
  return {
    upsert: async (id, payload) => void entries.set(id, payload),
    find: async (id) => entries.get(id),
    findByUid: async (uid) => findBy('uid', uid),
    findByUserCode: async (userCode) => findBy('userCode', userCode),
    destroy: async (id) => void entries.delete(id),
    consume: async (id) => {
      const payload = entries.get(id)
      if (payload !== undefined) entries.set(id, { ...payload, consumed: Math.floor(Date.now() / 1000) })
    },
    revokeByGrantId: async (grantId) => {
      for (const [id, payload] of entries) if (payload.grantId === grantId) entries.delete(id)
    },
  }
}
