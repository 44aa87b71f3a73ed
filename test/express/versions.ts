import express5 from 'express'
import express4 from 'express4'

/** Both major versions of Express, for tests that hold for either. */
export const expressVersions = [
  ['Express 5', express5],
  ['Express 4', express4],
] as const

export type Express = typeof express5
