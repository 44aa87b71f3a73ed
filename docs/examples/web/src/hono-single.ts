// #region single
import { Hono } from 'hono'
import { orders } from './orders.ts'

const app = new Hono()

app.get('/orders', (c) => orders(c.req.raw))
// #endregion

export { app }
