// #region server
import { createResourceServer, logRefusals } from '@tokenward/core'

export const server = createResourceServer({
  issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
  audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
  onEvent: logRefusals(console),
})
// #endregion

// #region no-store
export const serverOnNext14 = createResourceServer({
  issuer: 'https://login.example.com',
  audience: 'https://orders.example.com',
  system: { fetch: (url, init) => fetch(url, { ...init, cache: 'no-store' }) },
})
// #endregion
