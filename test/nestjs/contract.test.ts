import { keepsTheContract } from '../contract/keeps-the-contract.ts'
import { contractApp } from './contract-app.ts'
import { platforms } from './platforms.ts'

for (const [name, platform] of platforms) {
  await keepsTheContract(name, { start: contractApp(platform), nested: 'innermost', lacks: ['unauthenticated'] })
}
