const LONGEST_QUOTE = 120
const MOST_LISTED = 10

/** Foreign text for an operator's message: quoted, cut, printable ASCII only, so that it cannot forge a log line. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonOf(value)
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text
  return escaped(JSON.stringify(cut), /[^\x20-\x7e]/g)
}

/** A list of foreign texts, cut after the first ten. */
export function quoteAll(values: readonly unknown[], separator = ', '): string {
  const shown = values.slice(0, MOST_LISTED).map((value) => quote(value))
  const hidden = values.length - shown.length
  return shown.join(separator) + (hidden > 0 ? ` and ${hidden} more` : '')
}

/** One line of text for a log: what would break the line, or hide in it, is spelled out. */
export function oneLine(text: string): string {
  return escaped(text, /[\p{Cc}\p{Cf}\u2028\u2029]/gu)
}

function escaped(text: string, unwanted: RegExp): string {
  return text.replaceAll(unwanted, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** JSON cannot spell everything that a caller may pass where an option was expected. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    return typeof value
  }
}
