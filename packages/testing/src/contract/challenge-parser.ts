/** One challenge of a WWW-Authenticate field, parameter names in lower case. */
export interface Challenge {
  readonly scheme: string
  /** Empty for a bare scheme. */
  readonly params: Readonly<Record<string, string>>
  /** Only there when the scheme is followed by a token68 in place of parameters. */
  readonly token68?: string
}

/** A challenge together with how its values were written. */
interface WrittenChallenge {
  readonly scheme: string
  readonly params: Map<string, { readonly value: string; readonly quoted: boolean }>
  token68?: string
}

/**
 * Parses WWW-Authenticate (RFC 9110 sections 11.3 and 11.6.1) as strictly as a sender has to write it.
 *
 * @param field One field value, or the values of several field lines.
 * @throws SyntaxError for anything a sender must not generate, or should not: a parameter that occurs
 *   twice, white space around `=`, empty list elements, octets outside of ASCII, needless escapes.
 */
export function parseChallenges(field: string | readonly string[]): Challenge[] {
  return readAll(field).map(({ scheme, params, token68 }) => ({
    scheme,
    params: Object.fromEntries([...params].map(([name, { value }]) => [name, value])),
    ...(token68 === undefined ? {} : { token68 }),
  }))
}

/**
 * Checks a field against RFC 9110 and the limits of RFC 6750 section 3, and returns its challenges.
 *
 * @throws SyntaxError when the field breaks a rule.
 */
export function assertLegalChallenge(field: string | readonly string[]): Challenge[] {
  for (const { scheme, params } of readAll(field)) {
    if (params.size === 0) throw new SyntaxError(`${scheme} has no parameter`)
    for (const [name, { value, quoted }] of params) {
      if (name === 'realm' && !quoted) throw new SyntaxError('realm has to be a quoted-string')
      const legal = legalValues[name]
      if (legal !== undefined && !legal.test(value)) {
        throw new SyntaxError(`${name} holds an illegal value: ${JSON.stringify(value)}`)
      }
    }
  }
  return parseChallenges(field)
}

// RFC 6750 section 3. `algs` (RFC 9449 section 7.1) and `acr_values` (RFC 9470) are lists like `scope`.
const list = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/u
const legalValues: Readonly<Record<string, RegExp>> = {
  scope: list,
  algs: list,
  acr_values: list,
  error: /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/u,
  error_description: /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/u,
  error_uri: /^[\x21\x23-\x5B\x5D-\x7E]+$/u,
  max_age: /^\d+$/u,
}

const token = /[!#$%&'*+\-.^_`|~\dA-Za-z]+/uy
const token68 = /[-._~+/\dA-Za-z]+=*(?= *(?:,|$))/uy
const quotedString = /"((?:[\t \x21\x23-\x5B\x5D-\x7E]|\\["\\])*)"/uy
const separator = /[ \t]*,[ \t]*/uy
const spaces = / +/uy

function readAll(field: string | readonly string[]): WrittenChallenge[] {
  const lines = typeof field === 'string' ? [field] : field
  if (lines.length === 0) throw new SyntaxError('no WWW-Authenticate field')
  return lines.flatMap((line) => new Reader(line).challenges())
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  challenges(): WrittenChallenge[] {
    const found = [this.#challenge()]
    while (this.#at < this.#text.length) {
      this.#need(separator, 'a comma')
      const last = found.at(-1)
      if (last !== undefined && this.#atParam()) this.#param(last)
      else found.push(this.#challenge())
    }
    return found
  }

  #challenge(): WrittenChallenge {
    const challenge: WrittenChallenge = { scheme: this.#need(token, 'a scheme')[0], params: new Map() }
    if (this.#take(spaces) === undefined) return challenge
    if (this.#atParam()) this.#param(challenge)
    else challenge.token68 = this.#need(token68, 'a parameter or token68')[0]
    return challenge
  }

  // A token68 may end in `=`, so a parameter is only one when a value follows.
  #atParam(): boolean {
    const start = this.#at
    const name = this.#take(token)
    const isParam = name !== undefined && /^=[^=,\s]/u.test(this.#text.slice(this.#at))
    this.#at = start
    return isParam
  }

  #param(challenge: WrittenChallenge): void {
    if (challenge.token68 !== undefined) throw this.#error('no parameter after token68')
    const name = this.#need(token, 'a parameter name')[0].toLowerCase()
    this.#at += 1
    if (challenge.params.has(name)) throw this.#error(`${name} only once`)
    const quoted = this.#take(quotedString)
    const value =
      quoted === undefined
        ? this.#need(token, 'a token or quoted-string')[0]
        : String(quoted[1]).replace(/\\(.)/gu, '$1')
    challenge.params.set(name, { value, quoted: quoted !== undefined })
  }

  #need(pattern: RegExp, what: string): RegExpExecArray {
    const match = this.#take(pattern)
    if (match === undefined) throw this.#error(what)
    return match
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text) ?? undefined
    if (match !== undefined) this.#at += match[0].length
    return match
  }

  #error(expected: string): SyntaxError {
    return new SyntaxError(`expected ${expected} at ${this.#at} of ${JSON.stringify(this.#text)}`)
  }
}
