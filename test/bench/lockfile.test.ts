import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the lockfile of the peers names packages, not where they were fetched from', () => {
  const lockfile = readFileSync(new URL('package-lock.json', import.meta.url), 'utf8')
  expect(lockfile).toContain('"integrity": "sha512-')
  expect(lockfile).not.toContain('"resolved"')
})
