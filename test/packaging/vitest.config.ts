import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import '../../vitest.node-20.js'
import { resultsReporter } from './results-reporter.ts'

// Installs what is published into programs of its own, so it needs a build before and the registry: `pnpm test:packaging`.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    include: ['*.packaging.ts'],
    globalSetup: ['pack.ts'],
    reporters: ['verbose', ...resultsReporter()],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
})
