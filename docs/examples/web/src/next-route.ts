// #region route
import { protect, scopes } from '@tokenward/core'
import { server } from './next-server.ts'

interface Context {
  readonly params: Promise<{ id: string }>
}

export const GET = protect(
  server,
  async (_request, token, { params }: Context) => {
    const { id } = await params
    return Response.json({ id, orderedBy: token.subject })
  },
  { policy: scopes('orders:read') },
)

export const DELETE = protect(server, (_request, _token, _context: Context) => new Response(null, { status: 204 }), {
  policy: scopes('orders:write'),
})
// #endregion
