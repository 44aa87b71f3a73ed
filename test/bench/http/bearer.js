/** How verifiers without middleware of their own are used by hand: what their documentations show, and no more. */
export function bearerToken(authorization) {
  if (authorization === undefined || !authorization.startsWith('Bearer ')) throw new Error('no bearer token')
  return authorization.slice('Bearer '.length)
}
