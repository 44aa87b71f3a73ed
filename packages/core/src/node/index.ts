export { guardedFetch } from './guarded-fetch.ts'
export type { GuardedFetchOptions } from './guarded-fetch.ts'
export type { ResolveAll, ResolvedAddress } from './address-guard.ts'
