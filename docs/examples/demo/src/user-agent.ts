/** Opens `url` and does what its pages ask for, until `redirectUri` or a page without a form is reached: that address. */
export type UserAgent = (url: string, redirectUri?: string) => Promise<URL>

interface Navigation {
  readonly url: string
  readonly form?: URLSearchParams
}

/**
 * A browser with a person in front of it, as far as signing in needs one: it keeps cookies, follows redirects, types
 * `login` where a page asks for it and presses the button of every form.
 */
export function createUserAgent(login: string): UserAgent {
  const cookies = new Map<string, string>()
  return async (start, redirectUri) => {
    let navigation: Navigation = { url: start }
    for (let step = 0; step < 20; step += 1) {
      if (redirectUri !== undefined && navigation.url.startsWith(redirectUri)) return new URL(navigation.url)
      const response = await open(navigation, cookies)
      const next = await follow(response, navigation.url, login)
      if (next === undefined) return new URL(navigation.url)
      navigation = next
    }
    throw new Error(`${start} leads from page to page without an end`)
  }
}

async function open({ url, form }: Navigation, cookies: Map<string, string>): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  })
  for (const line of response.headers.getSetCookie()) keepCookie(line, cookies)
  return response
}

function keepCookie(line: string, cookies: Map<string, string>): void {
  const [pair = '', ...attributes] = line.split(';')
  const name = pair.slice(0, pair.indexOf('='))
  const expires = attributes.find((part) => /^\s*expires=/i.test(part))
  if (expires !== undefined && Date.parse(expires.slice(expires.indexOf('=') + 1)) < Date.now()) cookies.delete(name)
  else cookies.set(name, pair.slice(pair.indexOf('=') + 1))
}

async function follow(response: Response, url: string, login: string): Promise<Navigation | undefined> {
  const body = await response.text()
  const location = response.headers.get('location')
  if (location !== null) return { url: new URL(location, url).href }
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body}`)

  const form = /<form\b[^>]*>[^]*?<\/form>/.exec(body)?.[0]
  if (form === undefined) return undefined
  return { url: new URL(attribute(form, 'action') ?? url, url).href, form: filledIn(form, login) }
}

function filledIn(form: string, login: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name')
    if (name !== undefined) fields.append(name, attribute(input, 'value') ?? login)
  }
  return fields
}

function attribute(html: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(html)?.[1]
  return value
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
