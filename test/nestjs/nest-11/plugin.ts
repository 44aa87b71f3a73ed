import type { Plugin } from 'vitest/config'

import { join } from 'node:path'

/** A folder in which NestJS 11 is installed. Elsewhere it is 12. */
const installed = join(import.meta.dirname, '..', '..', 'nestjs-11', 'package.json')
const mark = '?nest-11'

/**
 * Whatever a test in this folder imports imports NestJS 11: tests, helpers and the adapter are then modules of their own,
 * beside those that everybody else shares.
 */
export function nest11(): Plugin {
  return {
    name: 'nest-11',
    enforce: 'pre',
    async resolveId(specifier, importer) {
      if (importer === undefined || !(importer.endsWith(mark) || importer.startsWith(import.meta.dirname))) return null
      if (specifier.startsWith('@nestjs/')) return this.resolve(specifier, installed, { skipSelf: true })
      const found = await this.resolve(specifier, importer.replace(mark, ''), { skipSelf: true })
      const isAbout = found !== null && /\/(packages|test)\/nestjs\//u.test(found.id)
      return isAbout ? { ...found, id: found.id + mark } : found
    },
  }
}
