import type { RawResponse } from './raw-request.ts'

import { fieldValues } from './raw-request.ts'

/** The value of a field that stands once; undefined where it does not stand at all. */
export function only(response: RawResponse, name: string): string | undefined {
  const [value, ...more] = fieldValues(response, name)
  if (more.length > 0) throw new Error(`${name} stands ${more.length + 1} times`)
  return value
}
