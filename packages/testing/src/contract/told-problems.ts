import type { TokenRequest } from '@tokenward/core'

import type { ContractRequest, Draft, FieldLine } from './requests/contract-request.ts'
import type { KnownTransport } from './transport.ts'

import { contractApi } from './contract-api.ts'
import { unless } from './problems.ts'
import { granted, group, request } from './requests/contract-request.ts'

/** Requests that are judged by what the resource server was told of them. */
export function tellingRequests(token: string): readonly ContractRequest[] {
  const telling = (name: string, parts: Partial<Draft>, proofs: readonly FieldLine[] = []): Draft =>
    request(name, { ...parts, headers: [['Authorization', `Bearer ${token}`], ...proofs] }, granted)
  return group('what the resource server is told', [
    ...['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => telling(method, { method })),
    telling('a query', { path: `${contractApi.orders}?page=2` }),
    telling('a mounted path', { path: contractApi.mounted }),
    telling('another field', {}, [['DPoP', 'proof-1']]),
    telling('another field, in another case', {}, [['dpOP', 'proof-1']]),
    telling('another field twice', {}, [
      ['DPoP', 'proof-1'],
      ['DPoP', 'proof-2'],
    ]),
  ])
}

/** What is wrong with a `TokenRequest`: method, path and fields have to be those of the request. */
export function toldProblems(
  heard: readonly TokenRequest[],
  { method, path, headers }: ContractRequest,
  { repeatedFields }: KnownTransport,
): string[] {
  const [told] = heard
  if (told === undefined || heard.length > 1) return [`the resource server was asked ${heard.length} times, not once`]
  const [pathname = ''] = path.split('?')
  const proofs = headers.flatMap(([name, value]) => (name.toLowerCase() === 'dpop' ? [String(value)] : []))
  const wanted = (repeatedFields === 'last' ? proofs.slice(-1) : proofs).join()
  const values = told.headerValues('dpop')
  return [
    ...unless(told.method === method, `method ${told.method}, not ${method}`),
    // a gateway may put the name of a stage in front
    ...unless(pathOf(told.url)?.endsWith(pathname) === true, `url ${told.url} for ${pathname}`),
    ...unless(values.join().replaceAll(', ', ',') === wanted, `field values ${JSON.stringify(values)}, not ${wanted}`),
    ...unless(told.headerValues('x-absent').length === 0, 'values of a field that was not sent'),
  ]
}

function pathOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).pathname : undefined
}
