import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import '../../vitest.node-20.js'
import { resultsReporter } from '../packaging/results-reporter.ts'

// Against real servers, which the tests start: needs redis-server on the path, and fails without it.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  ssr: { resolve: { conditions: ['tokenward-source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['*.redis.ts'],
    reporters: ['default', ...resultsReporter()],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
