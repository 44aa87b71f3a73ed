import { contractApp } from '../aws-lambda/contract-app.ts'
import { sources } from '../aws-lambda/gateway.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

// what has room for one line per field joins two
const joined = { challengeLines: 'joined' } as const

await keepsTheContract('HTTP API', { start: contractApp(sources['HTTP API']), transport: joined })
await keepsTheContract('HTTP API, payload 1.0', { start: contractApp(sources['HTTP API, payload 1.0']) })
await keepsTheContract('function URL', { start: contractApp(sources['function URL']), transport: joined })
