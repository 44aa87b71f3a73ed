import './hosts.ts'

// #region serve
import { orders } from './orders.ts'

Bun.serve({
  routes: {
    '/health': Response.json({ ok: true }),
    '/orders': orders,
  },
})
// #endregion
