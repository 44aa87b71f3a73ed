export { guardedFetch } from './guarded-fetch.ts'
export type { GuardedFetchOptions, ResolvedAddress } from './guarded-fetch.ts'
