import { contractApp } from '../web/contract-app.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

await keepsTheContract('protect', {
  start: contractApp,
  // Headers have one value per name
  transport: { challengeLines: 'joined' },
})
