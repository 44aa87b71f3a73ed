import './hosts.ts'

// #region serve
import { orders } from './orders.ts'

Deno.serve(orders)
// #endregion
