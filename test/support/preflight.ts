/** Where the scripts of a browser come from. */
export const origin = 'https://app.example'

/** What a browser asks before a script of that origin may send a token. */
export const preflight = {
  method: 'OPTIONS',
  headers: [
    ['Origin', origin],
    ['Access-Control-Request-Method', 'GET'],
    ['Access-Control-Request-Headers', 'authorization'],
  ],
} as const
