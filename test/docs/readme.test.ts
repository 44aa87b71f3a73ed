import { describe, expect, it } from 'vitest'

import { run } from './outputs/readme.ts'
import { fencesOf, page } from './pages.ts'

const readme = page('README.md')
const fences = fencesOf(readme)

describe('the README', () => {
  it('shows a protected route before anything else, in twenty lines', () => {
    const [first] = fences
    expect(first?.language).toBe('ts')
    expect(first?.line).toBeLessThan(15)
    expect(first?.text.split('\n').length).toBeLessThanOrEqual(20)
    expect(first?.text).toContain('api.authenticate')
  })

  it.each([
    ['missing', 401, 'Bearer realm="api"'],
    [
      'bad',
      401,
      'Bearer realm="api", error="invalid_token", error_description="The access token could not be verified"',
    ],
    [
      'forbidden',
      403,
      'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this request needs", scope="orders:read"',
    ],
    ['good', 200, undefined],
  ] as const)('prints what its route answers: %s', async (name, status, challenge) => {
    const { result } = await run(name)
    const [, statusLine, ...rest] = result.split('\n')
    expect(statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, 'u'))
    const challenges = rest.filter((line) => line.startsWith('WWW-Authenticate: '))
    expect(challenges).toEqual(challenge === undefined ? [] : [`WWW-Authenticate: ${challenge}`])
    expect(fences.find(({ source }) => source?.name === 'readme-answers')?.text).toContain(result)
  })

  it('prints a log without a token in it', async () => {
    const { result, lines } = await run('bad')
    expect(lines).toHaveLength(1)
    expect(lines.join()).not.toContain('not-a-token')
    expect(result).toContain('not-a-token') // in the command
  })

  it('is short', () => {
    expect(readme.text.split('\n').length).toBeLessThanOrEqual(160)
  })
})
