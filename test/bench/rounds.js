import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { spread } from './statistics.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

/**
 * Measures all entrants in every round, in an order that turns, so that whatever else the machine does slows all alike
 * and nobody always follows the same neighbour. Garbage of one is not collected at the cost of the next.
 *
 * @param measure what one entrant does in one round; returns an object of numbers
 * @returns per entrant the list of what its rounds gave, in the order of the rounds
 */
export async function alternate(entrants, rounds, measure) {
  const results = new Map(entrants.map((entrant) => [entrant, []]))
  for (let round = 0; round < rounds; round += 1) {
    const first = (round * 7) % entrants.length
    const order = [...entrants.slice(first), ...entrants.slice(0, first)]
    if (round % 2 === 1) order.reverse()
    for (const entrant of order) {
      const run = await measure(entrant, round)
      results.get(entrant).push(run)
    }
  }
  return results
}

/** To be called after what a round prepared, and before what it measures. */
export function settleHeap() {
  collectGarbage({ type: 'minor' })
}

/** For figures of memory: all that is garbage is gone afterwards. */
export function collectAllGarbage() {
  collectGarbage()
  collectGarbage()
}

/** What each round of one entrant was of the same round of another, as median and quartiles. */
export function ratio(runs, baseline, key) {
  return spread(runs.map((run, round) => run[key] / baseline[round][key]))
}
