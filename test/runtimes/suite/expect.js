/** Fails unless both are the same JSON. */
export function same(actual, expected, about = 'the answer') {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (found !== wanted) throw new Error(`${about} is ${found}, not ${wanted}`)
}

/** What a client sees of a response. */
export async function seen(response) {
  const text = await response.text()
  const { error } = text.startsWith('{') ? JSON.parse(text) : {}
  return error === undefined ? [response.status, text] : [response.status, error]
}

/** Fails unless `work` settles in that time: a request that hangs is the worst answer of all. */
export async function within(limitMs, work) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing was answered within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs these cases one after the other; one that throws, or takes half a minute, has failed. */
export async function run(cases, context) {
  const results = []
  for (const one of cases) results.push(await result(one, context))
  return results
}

/** The same at once, for cases that mostly wait. */
export async function runTogether(cases, context) {
  return Promise.all(cases.map(async (one) => result(one, context)))
}

async function result([name, body], context) {
  try {
    await within(30_000, body(context))
    return { name, failure: null }
  } catch (error) {
    return { name, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
