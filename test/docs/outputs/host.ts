import type { TestIssuer } from '@tokenward/testing'
import { vi } from 'vitest'

/** What one run said to the console, line by line. */
export interface Said<T> {
  readonly result: T
  readonly lines: readonly string[]
}

/** Runs something while these issuers are the network, and gives what it logged instead of logging it. */
export async function withIssuers<T>(issuers: readonly TestIssuer[], run: () => Promise<T>): Promise<Said<T>> {
  const lines: string[] = []
  const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const issuer = issuers.find((candidate) => url.startsWith(`${candidate.issuer}/`))
    if (issuer === undefined) throw networkFailure()
    return issuer.fetch(url, init)
  })
  const spies = [
    fetch,
    ...(['warn', 'error', 'log'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line))),
    ),
  ]
  try {
    return { result: await run(), lines }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** How a fetch fails where nobody listens, or for another reason. */
export function networkFailure(code = 'ECONNREFUSED'): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code }) })
}

/** The name by which tokens address the API of the pages. */
export const audience = 'https://orders.example.com'

/** The issuer that the pages trust. */
export const issuerName = 'https://login.example.com'
