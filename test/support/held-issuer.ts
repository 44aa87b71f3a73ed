import type { TestIssuerOptions } from '@tokenward/testing'

import type { Gate } from './answers.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'

import { gate } from './answers.ts'

/** The gates of an issuer that does not answer at once. */
export interface Held {
  /** What the issuer publishes comes through once this is opened. */
  readonly metadata: Gate
  /** Opens when the issuer is asked for the first time. */
  readonly asked: Gate
}

/** A scene whose issuer answers nothing before a gate opens. */
export async function heldIssuer<Scene extends Pick<TrustedIssuer, 'issuer'>>(
  scene: (options: TestIssuerOptions) => Promise<Scene>,
): Promise<Scene & Held> {
  const metadata = gate()
  const asked = gate()
  const found: Scene = await scene({
    respond: async (url) => {
      asked.open()
      await metadata.opened
      return Response.json(url.endsWith('/jwks') ? found.issuer.jwks() : found.issuer.metadata())
    },
  })
  return { ...found, metadata, asked }
}
