import { fromNodeRequest, isNodeRequest } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

const rawHeaders = ['Host', 'api.example', 'Authorization', 'Bearer a', 'Authorization', 'Bearer b']
const headers = { host: 'api.example', authorization: 'Bearer a' }

describe('a request of Node', () => {
  it('is read as it was sent', () => {
    const request = fromNodeRequest({ method: 'GET', url: '/orders?page=1', headers, rawHeaders })

    expect(request).toMatchObject({ method: 'GET', url: 'http://api.example/orders?page=1' })
    expect(request.headerValues('authorization')).toEqual(['Bearer a', 'Bearer b'])
    expect(request.headerValues('dpop')).toEqual([])
  })

  it('is read as its framework knows it behind proxies and prefixes', () => {
    const known = { protocol: 'https', host: 'public.example', originalUrl: '/v1/orders', url: '/orders' }

    expect(fromNodeRequest({ ...known, headers, rawHeaders }).url).toBe('https://public.example/v1/orders')
  })

  it("is read with the lines of Node's own request, where the framework has another", () => {
    const { headerValues } = fromNodeRequest({ headers, raw: { rawHeaders } })

    expect(headerValues('authorization')).toEqual(['Bearer a', 'Bearer b'])
    expect(fromNodeRequest({ headers }).headerValues('authorization')).toEqual(['Bearer a'])
  })

  it('is told by its header, which is a record, as that of the web is not', () => {
    for (const request of [{ headers, rawHeaders }, { headers, raw: { rawHeaders } }, { headers }]) {
      expect(isNodeRequest(request)).toBe(true)
    }
    for (const other of [
      undefined,
      null,
      'x',
      {},
      { rawHeaders },
      { headers: null },
      new Request('https://api.example'),
    ]) {
      expect(isNodeRequest(other)).toBe(false)
    }
  })
})
