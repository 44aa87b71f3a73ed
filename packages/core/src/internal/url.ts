const UNSEEN = /[\s\p{Cc}\p{Cf}]/u

/** Why a URL must not be contacted: https it must be, or http on a loopback host where that was asked for. Undefined where it may. */
export function urlProblem(value: unknown, allowLoopbackHttp: boolean): string | undefined {
  // URL parsers overlook some space and control characters, so that two spellings would name one place
  if (typeof value !== 'string' || UNSEEN.test(value) || !URL.canParse(value)) return 'must be an absolute URL'
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return 'must not hold credentials'
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:' || !isLoopback(url.hostname)) return 'must be an https URL'
  if (allowLoopbackHttp) return undefined
  return 'must be an https URL (for development, jwtIssuer({ issuer, allowLoopbackHttp: true }) permits http on a loopback host)'
}

/** RFC 8414 section 2: an issuer identifier has no query and no fragment. */
export function issuerProblem(value: unknown, allowLoopbackHttp: boolean): string | undefined {
  const problem = urlProblem(value, allowLoopbackHttp)
  if (problem !== undefined) return problem
  return typeof value === 'string' && /[?#]/.test(value) ? 'must have no query and no fragment' : undefined
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
