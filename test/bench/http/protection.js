/** Nobody is measured whose route is open to a bad token, or closed to a good one. */
export async function requireProtection({ name, title, port }, issuer) {
  const status = async (token) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`http://127.0.0.1:${port}/orders`, { headers })
    await response.arrayBuffer()
    return response.status
  }
  if ((await status(await issuer.mint())) !== 200) throw new Error(`${title} refuses a good token`)
  if (name === 'none') return
  const bad = { presence: undefined, ...(await issuer.mintBad()) }
  for (const [check, token] of Object.entries(bad)) {
    const answer = await status(token)
    if (answer < 400) throw new Error(`${title} lets a token of bad ${check} pass: ${answer}`)
  }
}
