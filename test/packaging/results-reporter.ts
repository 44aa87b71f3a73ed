/**
 * The reporter that leaves a run's numbers in the file named by `TOKENWARD_TEST_RESULTS`, for `.ci/run` to add up.
 * Nothing without the variable.
 */
export function resultsReporter(): ['json', { outputFile: string }][] {
  const outputFile = process.env['TOKENWARD_TEST_RESULTS']
  return outputFile === undefined ? [] : [['json', { outputFile }]]
}
