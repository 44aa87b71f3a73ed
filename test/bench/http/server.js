// Serves one variant of an API: node server.js <framework> <variant>
import process from 'node:process'
import { withFetch } from '../issuer.js'
import '../loopback-only.js'
import { variantsOf } from './variants.js'

const [, , framework, name] = process.argv

process.on('message', (message) => {
  answer(message).then(
    (result) => process.send(result),
    (error) => process.send({ error: error.stack }),
  )
})
process.on('disconnect', () => process.exit())

async function answer({ issuer }) {
  if (issuer !== undefined) return { port: await serve(withFetch(issuer)) }
  const { user, system } = process.cpuUsage()
  return { cpuMicroseconds: user + system }
}

async function serve(issuer) {
  const variants = await variantsOf(framework)
  return variants.find((variant) => variant.name === name).listen(issuer)
}
