/** What a handler may try with the claims of a token that has the claims `sub`, `roles`, a list, and `tenant`, an object. */
export const claimChanges: readonly ((claims: Record<string, unknown>) => void)[] = [
  (claims) => {
    claims['admin'] = true
  },
  (claims) => {
    delete claims['sub']
  },
  (claims) => {
    ;(claims['roles'] as string[]).push('admin') // the token has such a claim
  },
  (claims) => {
    Object.assign(claims['tenant'] as object, { id: 'other' }) // as it has this
  },
]
