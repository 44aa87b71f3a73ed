import { defineConfig } from 'vitest/config'
import { resultsReporter } from './test/packaging/results-reporter.ts'
import { nest11 } from './test/nestjs/nest-11/plugin.ts'
import './vitest.node-20.js'

// `#cryptography` of core is the Node path here, or with this variable what an edge runtime is given. The tests that know
// are in test/core/native.
const host = process.env['TOKENWARD_CRYPTOGRAPHY'] === 'web' ? 'edge-light' : 'node'

export default defineConfig({
  oxc: { decorator: { legacy: true } }, // as NestJS has them
  plugins: [nest11()],
  // Tests import packages by name and run their sources: nothing has to be built first.
  // A list replaces Vite's own, so its defaults for a server are repeated.
  ssr: { resolve: { conditions: ['tokenward-source', 'module', host, 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    isolate: true,
    reporters: ['default', ...resultsReporter()],
    // For a slow machine: a test that needs half a minute hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { statements: 90, branches: 90, functions: 90, lines: 90 },
    },
  },
})
