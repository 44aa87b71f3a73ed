import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const LOOPBACK = '127.0.0.1'
const { lookup } = dns

// All traffic goes to 127.0.0.1. Should a peer ask for any name, it is given none.
dns.lookup = (name, ...rest) => {
  if (name === LOOPBACK) return lookup(name, ...rest)
  return rest.at(-1)(new Error(`the benchmark looks no name up, and ${name} was asked for`))
}
syncBuiltinESMExports()
