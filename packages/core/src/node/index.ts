export { guardedFetch } from './guarded-fetch.ts'
export type { GuardedFetchOptions } from './guarded-fetch.ts'
export type { ResolvedAddress } from './address-guard.ts'
