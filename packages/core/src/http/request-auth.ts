import type { Decision } from './decision.ts'

/**
 * Shows an application what was decided, as `request.auth`: the token, or nothing where there is none, since an earlier
 * resource server may have set one. A request that forbids it works all the same. For adapters.
 */
export function setAuth(request: { auth?: unknown }, decision: Decision<unknown>): void {
  try {
    request.auth = decision.granted ? decision.token : undefined // Reflect.set takes longer than all else here
  } catch {
    return
  }
}
