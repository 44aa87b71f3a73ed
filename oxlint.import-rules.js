import { builtinModules } from 'node:module'

// What never imports what. Each message is the reason. A later override replaces an earlier one whole, so every area
// lists all that holds for it, through `combine`. test/packaging/import-rules.test.ts proves that each one fires.

const nodeModules = {
  imports: [
    {
      regex: `^(node:.*|(${builtinModules.join('|')})(/.*)?)$`,
      message: 'Core runs on Node, Bun, Deno, workerd and in browsers, so it imports no module of Node.',
    },
  ],
  globals: named(
    ['process', 'Buffer', 'global', 'require', '__dirname', '__filename'],
    'Core runs on Node, Bun, Deno, workerd and in browsers, so it names no global of Node.',
  ),
  properties: ['process', 'Buffer'].map((property) => ({
    object: 'globalThis',
    property,
    message: 'Core runs on Node, Bun, Deno, workerd and in browsers, so it names no global of Node.',
  })),
}

const frameworks = {
  imports: [
    {
      regex: '^(express|fastify|koa|hono|@(fastify|nestjs|hapi|hono|koa)/.*|@types/.*|aws-lambda)(/.*)?$',
      message: 'Core knows HTTP and no framework: what knows a framework belongs in an adapter.',
    },
  ],
}

const testing = {
  imports: [
    {
      regex: '^@tokenward/testing(/.*)?$',
      message: 'Published code must work where the testing package is not installed.',
    },
  ],
}

const throughSystem = 'Clock, network, timers and chance come through System, so that a test can hold them in its hand.'
const outside = {
  globals: named(
    ['Date', 'performance', 'fetch', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'],
    throughSystem,
  ),
  properties: [
    ...['Date', 'performance', 'fetch', 'setTimeout', 'clearTimeout', 'setInterval', 'setImmediate'].map(
      (property) => ({ object: 'globalThis', property, message: throughSystem }),
    ),
    { object: 'Math', property: 'random', message: throughSystem },
    { object: 'AbortSignal', property: 'timeout', message: throughSystem },
  ],
}

const pureReason = 'This file is pure: it takes nowSeconds and plain values, does no I/O and keeps no state.'
const pure = {
  imports: [
    {
      group: ['**/system.ts', '**/stores/**', '**/internal/fetch-json.ts', '**/internal/single-flight.ts'],
      message: pureReason,
    },
  ],
  globals: named(['Date', 'performance', 'fetch', 'setTimeout', 'setInterval', 'setImmediate'], pureReason),
  properties: [
    ...['getRandomValues', 'randomUUID'].map((property) => ({ object: 'crypto', property, message: pureReason })),
    { object: 'Math', property: 'random', message: pureReason },
  ],
}

const decodedOnly = {
  imports: [{ group: ['**/issuers/**', '!**/issuers/decoded-jwt.ts'], message: pureReason }],
}

const withoutHttp = folder('http', 'A verifier answers "is this token good?" and knows no HTTP.')
const withoutIssuers = folder('issuers', 'Possession and authority are asked of a token, whoever vouched for it.')
const withoutPossession = folder('possession', 'Authenticity is settled first and knows nothing of the sender.')
const withoutPolicy = folder('policy', 'Authenticity is settled first and knows nothing of what a token may do.')

const publicEntry = {
  imports: [
    {
      regex: '^@tokenward/core/|(^|/)core/(src|dist)(/|$)',
      message: 'The public entry of @tokenward/core is all that another package may rely on.',
    },
  ],
}

const adapter = {
  imports: [
    {
      regex: '^jose(/.*)?$',
      message: 'An adapter translates and never decides: whatever looks at a token belongs in core.',
    },
    {
      regex: '^@tokenward/(aws-lambda|cli|express|fastify|mcp|nestjs|opentelemetry|redis)(/.*)?$',
      message: 'Adapters are independent: what two of them share belongs in core.',
    },
  ],
}

const anywhere = {
  imports: [
    {
      regex: `(^|/)contract/|^(node:.*|(${builtinModules.join('|')})(/.*)?)$`,
      message:
        'A test issuer serves tests on every runtime; the contract of adapters needs Node, and is another entry.',
    },
  ],
}

const store = {
  imports: [
    {
      regex: '^(ioredis|iovalkey|redis|@redis/.*|@valkey/.*)(/.*)?$',
      message: 'A client is handed in, so that nobody is tied to one of them, or to its version.',
    },
  ],
}

const behindItsDoors = folder(
  'node',
  'What knows Node has two doors, the entry @tokenward/core/node and #cryptography: by any other, every host loads it.',
)
const hostCryptography = {
  imports: [
    {
      regex: '^#cryptography$',
      message: 'What the host does better is asked for in the few files that are tested with both answers.',
    },
  ],
}
const throughItsDoor = {
  imports: [
    {
      regex: '(^|/)cryptography\\.ts$',
      allowTypeImports: true,
      message: 'By its path this is the web path on every host; #cryptography is what the host is given.',
    },
  ],
}

const everyCore = combine(nodeModules, frameworks, testing, behindItsDoors, throughItsDoor)
const openCore = combine(everyCore, outside)
const core = combine(openCore, hostCryptography)
const inIssuers = combine(withoutPossession, withoutPolicy, withoutHttp)
const inCore = (...names) => names.map((name) => `packages/core/src/${name}`)

export const importRules = [
  area(inCore('**'), core),
  area(inCore('system.ts'), combine(everyCore, hostCryptography)),
  area(inCore('internal/encoding.ts', 'internal/sha256.ts'), openCore),
  area(inCore('verifier.ts'), combine(core, withoutHttp)),
  area(inCore('issuers/**'), combine(core, inIssuers)),
  area(inCore('issuers/keys/key-set.ts', 'issuers/verified-tokens.ts'), combine(openCore, inIssuers)),
  area(inCore('possession/**'), combine(core, withoutIssuers, withoutHttp)),
  area(inCore('possession/dpop-proof.ts'), combine(pure, withoutHttp, core)),
  area(
    inCore('claims/**', 'http/authorization-header.ts', 'http/challenge.ts', 'http/resource-metadata.ts'),
    combine(pure, decodedOnly, core),
  ),
  area(inCore('policy/**'), combine(pure, withoutIssuers, withoutHttp, core)),
  area(inCore('node/**'), combine(frameworks, testing, hostCryptography)), // what the doors to Node lead to
  area(['packages/aws-lambda/src/**'], combine(publicEntry, testing, adapter)),
  area(['packages/express/src/**'], combine(publicEntry, testing, adapter)),
  area(['packages/fastify/src/**'], combine(publicEntry, testing, adapter)),
  area(['packages/nestjs/src/**'], combine(publicEntry, testing, adapter)),
  area(['packages/redis/src/**'], combine(publicEntry, testing, adapter, store, outside)),
  area(['packages/redis/src/system.ts'], combine(publicEntry, testing, adapter, store)),
  area(['packages/testing/src/**'], combine(publicEntry, anywhere)),
  area(['packages/testing/src/contract/**'], publicEntry), // sends octets over sockets, and is an entry of its own
]

function area(files, { imports = [], globals = [], properties = [] }) {
  return {
    files,
    rules: {
      'no-restricted-imports': ['error', { patterns: imports }],
      'no-restricted-globals': ['error', ...globals],
      'no-restricted-properties': ['error', ...properties],
    },
  }
}

/** The first to name a global or a property gives the reason. */
function combine(...sets) {
  const all = (kind) => sets.flatMap((set) => set[kind] ?? [])
  const unique = (list, key) =>
    [...new Map(list.toReversed().map((entry) => [key(entry), entry])).values()].toReversed()
  return {
    imports: all('imports'),
    globals: unique(all('globals'), ({ name }) => name),
    properties: unique(all('properties'), ({ object, property }) => `${object}.${property}`),
  }
}

function named(names, message) {
  return names.map((name) => ({ name, message }))
}

function folder(name, message) {
  return { imports: [{ group: [`**/${name}/**`], message }] }
}
