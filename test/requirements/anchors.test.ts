import { expect, it } from 'vitest'

import { anchorsOf } from './anchors.ts'

it('makes anchors of headings as GitHub does', () => {
  expect([...anchorsOf('# Deploy it\n\ntext # no heading\n\n### TLS: `https`, always\n')]).toEqual([
    'deploy-it',
    'tls-https-always',
  ])
})

it('knows explicit anchors', () => {
  expect([...anchorsOf('<a id="old-name"></a>\n\n## Heading {#custom}\n')]).toEqual(
    expect.arrayContaining(['old-name', 'custom']),
  )
})

it('ignores what looks like a heading in code', () => {
  expect(anchorsOf('```sh\n# comment\n```\n')).toEqual(new Set())
})
