import { tokenward } from '@tokenward/express'
import cors from 'cors'
import express from 'express'

const api = tokenward({ issuer: 'https://login.example.com', audience: 'https://orders.example.com' })
const app = express()

// #region cors
app.use(
  cors({
    origin: 'https://app.example.com',
    allowedHeaders: ['Authorization', 'Content-Type'],
    exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
  }),
)
app.use(api.authenticate)
// #endregion
app.get('/orders', (req, res) => {
  res.json({ orderedBy: api.accessToken(req).subject })
})

export { app }

/** The same, in the wrong order. */
export const backToFront = express().use(api.authenticate).use(cors())
