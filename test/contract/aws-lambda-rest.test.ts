import { contractApp } from '../aws-lambda/contract-app.ts'
import { sources } from '../aws-lambda/gateway.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

await keepsTheContract('REST API', { start: contractApp(sources['REST API']) })
await keepsTheContract('load balancer', {
  start: contractApp(sources['load balancer']),
  transport: { challengeLines: 'joined', repeatedFields: 'last' },
})
await keepsTheContract('load balancer, multi-value headers', {
  start: contractApp(sources['load balancer, multi-value headers']),
})
