import { connect } from 'node:net'

/** What to send, octet for octet. */
export interface RawRequest {
  readonly port: number
  /** `127.0.0.1` by default. */
  readonly host?: string
  readonly method?: string
  /** The request target as it stands in the request line. */
  readonly path?: string
  /**
   * Field lines in order, duplicates and all. A string is sent as Latin-1, so `\u00e9` is one octet.
   * `Host` and `Connection: close` are added when no field of that name is given.
   */
  readonly headers?: readonly (readonly [name: string, value: string | Uint8Array])[]
  readonly body?: string | Uint8Array
}

/** What came back, with the field lines as they were sent. */
export interface RawResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** Longer than any answer takes; a server that says nothing must not hold up the rest. */
const PATIENCE_SECONDS = 20

/**
 * Sends one HTTP/1.1 request over a socket of its own and reads the response.
 *
 * @throws Error where no complete response came
 */
export async function rawRequest(request: RawRequest): Promise<RawResponse> {
  const received = await exchange(request, requestOctets(request))
  return parseResponse(received, request.method === 'HEAD')
}

/** All values of a response field, compared without regard to case. */
export function fieldValues(response: RawResponse, name: string): string[] {
  return response.headers.filter(([field]) => field.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}

function requestOctets(request: RawRequest): Buffer {
  const { method = 'GET', path = '/', headers = [], body = '' } = request
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const added: [string, string][] = []
  if (!given.has('host')) added.push(['Host', `127.0.0.1:${request.port}`])
  if (!given.has('connection')) added.push(['Connection', 'close'])
  if (body.length > 0 && !given.has('content-length') && !given.has('transfer-encoding')) {
    added.push(['Content-Length', String(Buffer.from(body).length)])
  }
  const lines = [...added, ...headers].map(([name, value]) =>
    Buffer.concat([latin1(`${name}: `), latin1(value), latin1('\r\n')]),
  )
  return Buffer.concat([latin1(`${method} ${path} HTTP/1.1\r\n`), ...lines, latin1('\r\n'), Buffer.from(body)])
}

function latin1(value: string | Uint8Array): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value)
}

function exchange({ host = '127.0.0.1', port }: RawRequest, octets: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let failure: Error | undefined
    const socket = connect({ host, port })
    socket.on('data', (chunk) => chunks.push(chunk))
    // A server that refuses a request early resets the connection while the rest is still being
    // written. What it said before that is the answer.
    socket.on('error', (error) => {
      failure = error
    })
    socket.on('close', () => {
      if (chunks.length > 0) resolve(Buffer.concat(chunks))
      else reject(failure ?? new Error('the connection was closed without a response'))
    })
    socket.setTimeout(PATIENCE_SECONDS * 1000, () => {
      socket.destroy(new Error(`no answer within ${PATIENCE_SECONDS} seconds`))
    })
    socket.write(octets)
  })
}

function parseResponse(received: Buffer, headOnly: boolean): RawResponse {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) throw new Error(`no complete header section: ${received.toString('latin1')}`)
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) /u.exec(statusLine)?.[1]
  if (status === undefined) throw new Error(`no status line: ${statusLine}`)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new Error(`no field line: ${line}`)
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const rest = received.subarray(end + 4)
  const chunked = headers.some(([name, value]) => /^transfer-encoding$/iu.test(name) && value === 'chunked')
  const body = chunked && !headOnly ? joinChunks(rest) : rest
  return { status: Number(status), headers, body: body.toString() }
}

function joinChunks(encoded: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = encoded.indexOf('\r\n', at)
    const size = Number.parseInt(encoded.subarray(at, lineEnd).toString('latin1'), 16)
    if (lineEnd < 0 || Number.isNaN(size)) throw new Error('a broken chunk in the response')
    if (size === 0) return Buffer.concat(parts)
    parts.push(encoded.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
