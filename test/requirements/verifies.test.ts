import { expect, it } from 'vitest'

import { verifies } from './verifies.ts'

const titles: string[] = []

verifies('RFC6750-3.1-d', 'RFC7515-6-a')('names the requirements in its title', ({ task }) => {
  titles.push(task.name)
})

it('has registered a test that ran under that title', () => {
  expect(titles).toEqual(['names the requirements in its title [RFC6750-3.1-d, RFC7515-6-a]'])
})

it('refuses an id that no requirement has', () => {
  // @ts-expect-error No requirement has this id.
  expect(() => verifies('RFC0000-1-a')).toThrow('RFC0000-1-a cannot be cited: it is no known requirement')
})

it('refuses a requirement that is not to be tested', () => {
  // @ts-expect-error DPoP is not built.
  expect(() => verifies('RFC9449-7-a')).toThrow('RFC9449-7-a cannot be cited: it is planned')
})
