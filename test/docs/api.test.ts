import { createResourceServer, createVerifier, introspectedIssuer, jwtIssuer, tenantIssuers } from '@tokenward/core'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { page, root } from './pages.ts'

const { text } = page('docs/reference/api.md')
const entries = [
  'packages/aws-lambda/src/index.ts',
  'packages/core/src/index.ts',
  'packages/core/src/node/index.ts',
  'packages/express/src/index.ts',
  'packages/fastify/src/index.ts',
  'packages/nestjs/src/index.ts',
  'packages/redis/src/index.ts',
  'packages/testing/src/index.ts',
  'packages/testing/src/contract/index.ts',
]

describe('the API reference', () => {
  it.each(entries)('names every export of %s', (path) => {
    const names = exportsOf(readFileSync(join(root, path), 'utf8'))
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !isNamed(name))).toEqual([])
  })

  it.each([
    ['createVerifier', createVerifier, 'verifier-options'],
    ['createResourceServer', createResourceServer, 'resource-server-options'],
    ['jwtIssuer', jwtIssuer, 'jwt-issuer-options'],
    ['introspectedIssuer', introspectedIssuer, 'introspected-issuer-options'],
    ['tenantIssuers', tenantIssuers, 'tenant-issuers-options'],
  ] as const)('lists the options of %s', (_, make, anchor) => {
    const known = knownOptions(make)
    expect(known.length).toBeGreaterThan(3)
    const listed = tableAt(anchor)
    const elsewhere = anchor === 'resource-server-options' ? tableAt('verifier-options') : []
    expect(known.filter((name) => ![...listed, ...elsewhere].includes(name))).toEqual([])
    expect(listed.filter((name) => !known.includes(name) && name !== 'verifier')).toEqual([])
  })
})

/** The names in the export statements and declarations of an entry. */
function exportsOf(source: string): readonly string[] {
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gmu)].flatMap(([, list = '']) => list.split(','))
  const declared = [...source.matchAll(/^export (?:interface|type|function|const|class) (\w+)/gmu)].map(
    ([, name]) => name,
  )
  return [...new Set([...lists, ...declared].map((name) => String(name).trim()))].filter((name) => name !== '')
}

function isNamed(name: string): boolean {
  return new RegExp(`\`(?:[^\`\\n]*\\W)?${name}(?:\\W[^\`\\n]*)?\``, 'u').test(text)
}

/** The refusal of an option that nobody knows lists those that exist. */
function knownOptions(make: (options: never) => unknown): readonly string[] {
  try {
    make({ noSuchOption: true } as never) // wrong on purpose, so of no type that any of them takes
  } catch (error) {
    return /\(known: ([^)]*)\)/u.exec(String(error))?.[1]?.split(', ') ?? []
  }
  return []
}

/** The first column of the table behind an anchor. */
function tableAt(anchor: string): readonly string[] {
  const after = text.slice(text.indexOf(`<a id="${anchor}"></a>`))
  const [table = ''] = /\| `\w+` \|[^]*?\n\n/u.exec(after) ?? []
  return [...table.matchAll(/^\| `(\w+)` \|/gmu)].slice(1).map(([, name = '']) => name)
}
