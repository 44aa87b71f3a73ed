import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import '../../vitest.node-20.js'
import { resultsReporter } from '../packaging/results-reporter.ts'

// Runs what is published on the runtimes themselves, so it needs a build before and the registry: `pnpm test:runtimes`.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    include: ['*.runtimes.ts'],
    globalSetup: ['install.ts'],
    reporters: ['verbose', ...resultsReporter()],
    testTimeout: 10_000,
    hookTimeout: 120_000,
  },
})
