import { contractApp } from '../fastify/contract-app.ts'
import { keepsTheContract, keepsTheContractFor } from './keeps-the-contract.ts'

const nested = 'innermost'

await keepsTheContract('Fastify', { start: contractApp(), nested })
await keepsTheContractFor('control characters', 'Fastify, with a lenient parser', {
  start: contractApp({ controlCharacters: 'carried' }),
  transport: { controlCharacters: 'carried' },
  nested,
})
await keepsTheContractFor('size', 'Fastify, with the limit of Node', {
  start: contractApp({ largeFields: 'refused' }),
  transport: { largeFields: 'refused' },
  nested,
})
