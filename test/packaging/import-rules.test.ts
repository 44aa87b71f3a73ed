import { spawn } from 'node:child_process'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import config from '../../oxlint.config.js'

const PURE = 'This file is pure'
const SYSTEM = 'come through System'
const NODE_MODULE = 'it imports no module of Node'
const NODE_GLOBAL = 'it names no global of Node'
const NO_FRAMEWORK = 'Core knows HTTP and no framework'
const NO_TESTING = 'where the testing package is not installed'
const NO_HTTP = 'knows no HTTP'
const NO_ISSUERS = 'whoever vouched for it'
const NO_POSSESSION = 'knows nothing of the sender'
const NO_POLICY = 'nothing of what a token may do'
const PUBLIC_ENTRY = 'The public entry of @tokenward/core'
const NO_JOSE = 'An adapter translates and never decides'
const INDEPENDENT = 'Adapters are independent'
const NO_CLIENT = 'A client is handed in'
const ANYWHERE = 'A test issuer serves tests on every runtime'
const TWO_DOORS = 'What knows Node has two doors'
const ASKED_BY_FEW = 'What the host does better is asked for in the few files'
const NO_WEB_PATH = 'By its path this is the web path on every host'

const pureFiles = [
  'core/src/claims/validity.ts',
  'core/src/policy/scopes.ts',
  'core/src/policy/deeper/scopes.ts',
  'core/src/http/authorization-header.ts',
  'core/src/http/challenge.ts',
]
const coreFiles = [
  'core/src/index.ts',
  'core/src/verifier.ts',
  'core/src/internal/encoding.ts',
  'core/src/issuers/jwt-issuer.ts',
  'core/src/possession/dpop.ts',
  'core/src/http/resource-server.ts',
  'core/src/stores/memory.ts',
]

/** The files that ask the host, as `#cryptography`. */
const askingFiles = [
  'core/src/internal/encoding.ts',
  'core/src/internal/sha256.ts',
  'core/src/issuers/keys/key-set.ts',
  'core/src/issuers/verified-tokens.ts',
]

/** In each file, each line is refused for that reason. */
const refused: readonly [files: readonly string[], reason: string, lines: readonly string[]][] = [
  [
    pureFiles,
    PURE,
    [
      ...importsOf('../system.ts'),
      ...importsOf('../stores/memory.ts'),
      ...importsOf('../internal/fetch-json.ts'),
      ...importsOf('../internal/single-flight.ts'),
      'Date.now()',
      'new Date()',
      'fetch(url)',
      'setTimeout(run, 1)',
      'Math.random()',
      'crypto.getRandomValues(bytes)',
    ],
  ],
  [['core/src/claims/validity.ts', 'core/src/http/challenge.ts'], PURE, importsOf('../issuers/remote-keys.ts')],
  [
    coreFiles,
    SYSTEM,
    [
      'Date.now()',
      'new Date()',
      'fetch(url)',
      'globalThis.fetch(url)',
      'setTimeout(run, 1)',
      'globalThis.setTimeout(run, 1)',
      'clearTimeout(timer)',
      'Math.random()',
      'AbortSignal.timeout(1)',
    ],
  ],
  [
    [...coreFiles, ...pureFiles, 'core/src/system.ts'],
    NODE_MODULE,
    [...importsOf('node:crypto'), ...importsOf('node:fs/promises'), ...importsOf('crypto')],
  ],
  [
    [...coreFiles, ...pureFiles, 'core/src/system.ts'],
    NODE_GLOBAL,
    ['process.env', "Buffer.from('')", 'globalThis.process'],
  ],
  [
    [...coreFiles, ...pureFiles, 'core/src/system.ts'],
    NO_FRAMEWORK,
    [...importsOf('express'), ...importsOf('fastify'), ...importsOf('@nestjs/common')],
  ],
  [
    [
      ...coreFiles,
      ...pureFiles,
      'core/src/system.ts',
      'express/src/index.ts',
      'fastify/src/index.ts',
      'nestjs/src/index.ts',
      'aws-lambda/src/index.ts',
    ],
    NO_TESTING,
    importsOf('@tokenward/testing'),
  ],
  [
    [...coreFiles, ...pureFiles, ...askingFiles, 'core/src/system.ts'],
    TWO_DOORS,
    [
      ...importsOf('./node/cryptography.ts'),
      ...importsOf('../node/guarded-fetch.ts'),
      ...importsOf('../../node/index.ts'),
    ],
  ],
  [
    [
      ...coreFiles.filter((file) => !askingFiles.includes(file)),
      ...pureFiles,
      'core/src/system.ts',
      'core/src/node/index.ts',
    ],
    ASKED_BY_FEW,
    importsOf('#cryptography'),
  ],
  [
    [...coreFiles, ...pureFiles, ...askingFiles, 'core/src/system.ts'],
    NO_WEB_PATH,
    [
      "import { native as NAME } from '../cryptography.ts'",
      "import { native as NAME } from './cryptography.ts'",
      "export { native as NAME } from '../../cryptography.ts'",
      "await import('../cryptography.ts')",
    ],
  ],
  [['core/src/verifier.ts'], NO_HTTP, importsOf('./http/resource-server.ts')],
  [
    ['core/src/issuers/jwt-issuer.ts', 'core/src/possession/dpop.ts', 'core/src/policy/scopes.ts'],
    NO_HTTP,
    importsOf('../http/challenge.ts'),
  ],
  [['core/src/issuers/jwt-issuer.ts'], NO_POSSESSION, importsOf('../possession/dpop.ts')],
  [['core/src/issuers/jwt-issuer.ts'], NO_POLICY, importsOf('../policy/scopes.ts')],
  [
    ['core/src/possession/dpop.ts', 'core/src/policy/scopes.ts'],
    NO_ISSUERS,
    [...importsOf('../issuers/remote-keys.ts'), ...importsOf('../issuers/decoded-jwt.ts')],
  ],
  [
    [
      'aws-lambda/src/index.ts',
      'express/src/index.ts',
      'fastify/src/index.ts',
      'nestjs/src/index.ts',
      'redis/src/index.ts',
      'testing/src/index.ts',
      'testing/src/contract/index.ts',
    ],
    PUBLIC_ENTRY,
    [
      ...importsOf('@tokenward/core/internal/encoding'),
      ...importsOf('@tokenward/core/dist/index.js'),
      ...importsOf('../../core/src/index.ts'),
      ...importsOf('../../core/dist/index.js'),
    ],
  ],
  [
    ['aws-lambda/src/index.ts', 'express/src/index.ts', 'fastify/src/index.ts', 'nestjs/src/index.ts'],
    NO_JOSE,
    [...importsOf('jose'), ...importsOf('jose/jwt/verify')],
  ],
  [['aws-lambda/src/index.ts', 'express/src/index.ts'], INDEPENDENT, importsOf('@tokenward/fastify')],
  [['fastify/src/index.ts', 'nestjs/src/index.ts'], INDEPENDENT, importsOf('@tokenward/express')],
  [['redis/src/index.ts'], NO_CLIENT, ['ioredis', 'iovalkey', 'redis', '@redis/client'].flatMap(importsOf)],
  [
    ['testing/src/index.ts'],
    ANYWHERE,
    [...importsOf('node:http'), ...importsOf('net'), ...importsOf('./contract/serve.ts')],
  ],
  [['redis/src/index.ts'], SYSTEM, ['Date.now()', 'setTimeout(run, 1)', 'Math.random()']],
]

/** In each file, each line is fine: the rules refuse what they must, and no more. */
const accepted: readonly [file: string, lines: readonly string[]][] = [
  [
    'core/src/system.ts',
    ['Date.now()', 'globalThis.fetch(url)', 'setTimeout(run, 1)', 'clearTimeout(timer)', 'Math.random()'],
  ],
  ['core/src/verifier.ts', [...importsOf('./issuers/jwt-issuer.ts'), ...importsOf('./possession/dpop.ts')]],
  [
    'core/src/claims/validity.ts',
    [...importsOf('../errors.ts'), ...importsOf('../issuers/decoded-jwt.ts'), 'Math.floor(1)'],
  ],
  [
    'core/src/issuers/jwt-issuer.ts',
    [...importsOf('jose/jwt/verify'), ...importsOf('../claims/validity.ts'), ...importsOf('../system.ts')],
  ],
  ['core/src/http/resource-server.ts', [...importsOf('../policy/scopes.ts'), ...importsOf('../verifier.ts')]],
  ...askingFiles.map((file): [string, readonly string[]] => [
    file,
    [...importsOf('#cryptography'), "import type { SignatureCheck as NAME } from '../cryptography.ts'"],
  ]),
  [
    'core/src/node/cryptography.ts',
    [
      ...importsOf('node:crypto'),
      ...importsOf('./der-signature.ts'),
      "import type { SignatureCheck as NAME } from '../cryptography.ts'",
    ],
  ],
  ['aws-lambda/src/index.ts', [...importsOf('@tokenward/core'), ...importsOf('aws-lambda')]],
  ['express/src/index.ts', [...importsOf('@tokenward/core'), ...importsOf('express'), ...importsOf('./request.ts')]],
  [
    'fastify/src/index.ts',
    [...importsOf('@tokenward/core'), ...importsOf('fastify'), ...importsOf('fastify-plugin'), ...importsOf('./a.ts')],
  ],
  [
    'nestjs/src/index.ts',
    [
      ...importsOf('@tokenward/core'),
      ...importsOf('@nestjs/common'),
      ...importsOf('@nestjs/core'),
      "await import('@nestjs/websockets')",
      ...importsOf('./module.ts'),
    ],
  ],
  ['redis/src/system.ts', [...importsOf('@tokenward/core'), 'Date.now()', 'setTimeout(run, 1)', 'Math.random()']],
  ['testing/src/index.ts', [...importsOf('@tokenward/core'), ...importsOf('jose')]],
  [
    'testing/src/contract/index.ts',
    [...importsOf('@tokenward/core'), ...importsOf('node:net'), ...importsOf('./requests/index.ts')],
  ],
]

const wrong = refused.flatMap(([files, reason, lines]) => files.map((file) => ({ file, reason, lines })))
const right = accepted.map(([file, lines]) => ({ file, lines }))

describe('what never imports what', () => {
  let said: ReadonlyMap<string, string>

  beforeAll(async () => {
    said = await lint([...wrong, ...right])
  })

  test.each(wrong)('$file is refused what is wrong there: "$reason"', ({ file, reason, lines }) => {
    expect(lines.filter((line) => !said.get(`${file} ${line}`)?.includes(reason))).toEqual([])
  })

  test.each(right)('$file may have the rest', ({ file, lines }) => {
    expect(lines.filter((line) => said.has(`${file} ${line}`))).toEqual([])
  })
})

/** The name differs from line to line: a file that declares one name twice is not linted at all. */
function importsOf(specifier: string): string[] {
  return [
    `import { it as NAME } from '${specifier}'`,
    `import type { It as NAME } from '${specifier}'`,
    `export * from '${specifier}'`,
    `await import('${specifier}')`,
  ]
}

/** Writes the lines to a tree laid out like this one, lints it with the same rules; returns what is said of each line. */
async function lint(all: readonly { readonly file: string; readonly lines: readonly string[] }[]) {
  const root = await mkdtemp(join(tmpdir(), 'tokenward-import-rules-'))
  try {
    const overrides = config.overrides.filter(({ rules }) => 'no-restricted-imports' in rules)
    await writeFile(join(root, 'config.json'), JSON.stringify({ categories: { correctness: 'off' }, overrides }))
    const files = new Map<string, string[]>()
    for (const { file, lines } of all) files.set(file, [...(files.get(file) ?? []), ...lines])
    await Promise.all([...files].map(([file, lines]) => write(join(root, 'packages', file), lines)))
    const found = await diagnostics(root)
    return new Map(found.map(({ file, line, said }) => [`${file} ${files.get(file)?.[line - 1]}`, said]))
  } finally {
    await rm(root, { recursive: true })
  }
}

async function write(path: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, lines.map((line, index) => line.replace('NAME', `name${index}`)).join('\n'))
}

/** What oxlint says, and of which line. */
async function diagnostics(root: string): Promise<readonly { file: string; line: number; said: string }[]> {
  const oxlint = fileURLToPath(new URL('../../node_modules/oxlint/bin/oxlint', import.meta.url))
  const child = spawn(process.execPath, [oxlint, '-c', 'config.json', '--format', 'json'], { cwd: root })
  const report = JSON.parse(await text(child.stdout)) as Report // oxlint's own format; a change fails the tests above
  return report.diagnostics.map(({ filename, message, help, labels }) => ({
    file: filename.replace(/^packages\//, ''),
    line: labels[0]?.span.line ?? 0,
    said: `${message} ${help}`,
  }))
}

interface Report {
  readonly diagnostics: readonly {
    readonly filename: string
    readonly message: string
    readonly help?: string
    readonly labels: readonly { readonly span: { readonly line: number } }[]
  }[]
}
