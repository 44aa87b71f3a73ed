import { readFileSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const here = join(import.meta.dirname, '..')

/** Where the numbers come from, in two lines and a list of the peers with their versions. */
export function environment() {
  const [{ model } = { model: 'unknown processor' }] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const { node, openssl } = process.versions
  return {
    machine: `${model.trim()}, ${cpus().length} cores, ${memory} GiB, ${platform()} ${arch()}`,
    software: `Node ${node}, OpenSSL ${openssl}`,
    peers: Object.fromEntries(peerNames().map((name) => [name, versionOf(name)])),
  }
}

function peerNames() {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  return Object.keys(dependencies)
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version
}
