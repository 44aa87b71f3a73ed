/** A ratio, with as many digits as say something. */
export const times = (number) => (number < 10 ? number.toFixed(2) : number.toFixed(1))

export const percent = (part) => `${Math.round(part * 100)} %`

export const count = (number) => Math.round(number).toLocaleString('en')

export const micros = (number) => (number < 10 ? number.toFixed(1) : count(number))

export const millis = (number) => number.toFixed(1)

export const kilobytes = (octets) => (octets / 1000).toFixed(1)

export const range = ({ q1, q3 }, format) => `${format(q1)} to ${format(q3)}`
