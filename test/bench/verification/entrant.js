const ALL_CHECKS = ['signature', 'issuer', 'audience', 'expiry']

/**
 * A peer with its verifier, once it was seen to accept good tokens and to refuse bad ones: nobody is measured who leaves
 * something out.
 */
export async function openEntrant(peer, issuer) {
  const entrant = { peer, current: await peer.open(issuer), presented: new Map() }
  await requireJudgement(entrant, await issuer.mintMany(2), await issuer.mintBad())
  return entrant
}

export const prepare = ({ current }, token) => current.prepare?.(token) ?? token

async function verifyOne(entrant, token) {
  return entrant.current.verify(prepare(entrant, token))
}

async function requireJudgement(entrant, goodTokens, badTokens) {
  const { title, checks = ALL_CHECKS } = entrant.peer
  for (const token of [...goodTokens, ...goodTokens]) await verifyOne(entrant, token)
  for (const check of checks) {
    for (const attempt of ['first', 'second']) {
      const isAccepted = await verifyOne(entrant, badTokens[check]).then(
        () => true,
        () => false,
      )
      if (isAccepted) throw new Error(`${title} accepts a token with a bad ${check} at the ${attempt} attempt`)
    }
  }
}
