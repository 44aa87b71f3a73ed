/** Marks up text for a terminal; without colours each of these returns the text as it is. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
}

/**
 * Whether to colour: FORCE_COLOR (unless 0) asks for it, NO_COLOR forbids it, else a terminal that can gets it. As in
 * Node itself, FORCE_COLOR wins over NO_COLOR.
 */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: force, NO_COLOR: never, TERM: terminal } = environment
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (never !== undefined && never !== '') return false
  return isTerminal && terminal !== 'dumb'
}

export function createStyle(colour: boolean): Style {
  const mark = (open: number, close: number) =>
    colour ? (text: string) => `\u001B[${open}m${text}\u001B[${close}m` : (text: string) => text
  return { bold: mark(1, 22), dim: mark(2, 22), red: mark(31, 39), green: mark(32, 39) }
}
