// #region cors
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { orders } from './orders.ts'

const app = new Hono()

app.use(
  cors({
    origin: 'https://app.example.com',
    exposeHeaders: ['WWW-Authenticate', 'Retry-After'],
  }),
)
app.get('/orders', (c) => orders(c.req.raw))
// #endregion

export { app }
