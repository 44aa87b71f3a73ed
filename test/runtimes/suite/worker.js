// Run by workerd. `/suite` runs the cases; `/api/<n>/…` is an API that trusts the issuer n of the loopback server, with
// one resource server for all requests of that issuer, as a worker has.
import { createResourceServer, jwtIssuer, protect, tenantIssuers } from '@tokenward/core'
import { activePath } from './active-path.js'
import { cases } from './cases.js'
import { run } from './expect.js'
import { AUDIENCE } from './tokens.js'

const apis = new Map()

function apiOf(path, { ORIGIN: origin }) {
  const [, , kind, number] = path.split('/')
  const name = `${origin}/issuers/${number}`
  const known = apis.get(path)
  if (known !== undefined) return known
  const issuer = (resolved) => jwtIssuer({ issuer: resolved, allowLoopbackHttp: true })
  const trusted = {
    fixed: () => issuer(name),
    // what a resolver does that asks a database over the network
    tenants: () =>
      tenantIssuers({
        allow: () => true,
        network: [new URL(origin).host],
        resolve: async (resolved) => {
          await fetch(`${resolved}/resolve`)
          return issuer(resolved)
        },
      }),
  }
  const server = createResourceServer({ issuer: trusted[kind](), audience: AUDIENCE })
  const options = { waitUntil: (_env, context) => context.waitUntil.bind(context) }
  const api = {
    plain: protect(server, (_, token) => new Response(token.subject)),
    anchored: protect(server, (_, token) => new Response(token.subject), options),
  }
  apis.set(path, api)
  return api
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/suite')
      return Response.json({ path: activePath, results: await run(cases, { origin: env.ORIGIN }) })
    const api = apiOf(pathname, env)
    return searchParams.has('anchored') ? api.anchored(request, env, context) : api.plain(request)
  },
}
