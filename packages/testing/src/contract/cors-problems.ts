import type { RawResponse } from './raw-request.ts'
import type { ContractRequest } from './requests/contract-request.ts'

import { contractApi } from './contract-api.ts'
import { unless } from './problems.ts'
import { fieldValues } from './raw-request.ts'

/** Whether a browser would want to see CORS fields in the answer. */
export function isCrossOrigin({ path, headers }: ContractRequest): boolean {
  return path === contractApi.cors && headers.some(([name]) => name === 'Origin')
}

/** What a browser would not put up with (the CORS protocol of the Fetch standard, section 3.2). */
export function corsProblems(response: RawResponse, { method }: ContractRequest): string[] {
  const [list, wanted] =
    method === 'OPTIONS'
      ? ['Access-Control-Allow-Headers', 'authorization']
      : ['Access-Control-Expose-Headers', 'www-authenticate']
  const named = fieldValues(response, list)
    .join()
    .toLowerCase()
    .split(/\s*,\s*/u)
  const origins = fieldValues(response, 'Access-Control-Allow-Origin').join()
  return [
    ...unless(origins === contractApi.origin, `Access-Control-Allow-Origin ${origins}`),
    ...unless(named.includes(wanted), `${list} ${named.join()}`),
  ]
}
