import type { RawRequest, RawResponse } from './raw-request.ts'

import { rawRequest } from './raw-request.ts'

/** A request but for where it goes, and the token that it carries, if any. */
export type Asked = Omit<RawRequest, 'port' | 'path'> & { readonly token?: string | undefined }

/** A listening application, to be asked. */
export interface Served {
  readonly port: number
  ask(path: string, request?: Asked): Promise<RawResponse>
}

/** Asks whatever listens on a port of this machine. */
export function asking(port: number): Served {
  return {
    port,
    ask: (path, { token, headers = [], ...request } = {}) =>
      rawRequest({
        ...request,
        port,
        path,
        headers: token === undefined ? headers : [...headers, ['Authorization', `Bearer ${token}`]],
      }),
  }
}
