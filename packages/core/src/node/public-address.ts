import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IANA special-purpose registries (RFC 6890 and its successors), and multicast. */
const RESERVED_V4 = [
  '168.63.129.16/32', // Azure's platform address, which answers inside every virtual network
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Only global unicast is public; of it these are not: Teredo and other protocol blocks, documentation, 6to4, ORCHID. */
const GLOBAL_V6 = '2000::/3'
const RESERVED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const reserved = blockList([...RESERVED_V4, ...RESERVED_V6])
const globalV6 = blockList([GLOBAL_V6])
const loopback = blockList(['127.0.0.0/8', '::1/128'])

/**
 * Whether an IP address leads outside. IPv6 addresses that carry an IPv4 address inside (mapped, compatible, NAT64,
 * 6to4, Teredo) lie outside of what counts as public here, so none of them is a way around the IPv4 ranges.
 */
export function isPublicAddress(address: string, allowLoopback: boolean): boolean {
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
  if (family === undefined) return false
  if (allowLoopback && loopback.check(address, family)) return true
  if (family === 'ipv6' && !globalV6.check(address, family)) return false
  return !reserved.check(address, family)
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/')
    list.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6')
  }
  return list
}
