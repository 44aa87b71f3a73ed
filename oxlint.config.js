import { importRules } from './oxlint.import-rules.js'

export default {
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node', 'oxc', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  env: { es2024: true },
  // The packaging fixtures are compiled against packed packages only.
  ignorePatterns: ['**/dist/**', '**/node_modules/**', 'coverage/**', 'test/packaging/fixtures/**'],
  rules: {
    'import/no-cycle': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    // One after the other is often the point, and order is part of what is promised here.
    'no-await-in-loop': 'off',
    // The next four hold for JavaScript; with types there are no mistakes left for them to find.
    'promise/always-return': 'off',
    'promise/no-callback-in-promise': 'off',
    'typescript/consistent-return': 'off',
    'typescript/unbound-method': 'off',
    // A cast states its reason beside it, in words for a reader.
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/no-unnecessary-type-parameters': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'oxc/no-map-spread': 'off',
    // `verifies` wraps a test and names the requirement that it is for.
    'vitest/no-standalone-expect': ['error', { additionalTestBlockFunctions: ['verifies', 'verifies.each'] }],
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'import/no-named-as-default-member': 'off',
    'import/no-unassigned-import': 'off',
  },
  overrides: [
    {
      files: ['packages/*/src/**'],
      rules: {
        'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
        'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
        'no-console': 'error',
      },
    },
    {
      // Fastify awaits what a handler returns; the rule is about Express 4.
      files: ['docs/examples/fastify/**', 'test/fastify/**', 'test/docs/**/*fastify*', 'test/types/fastify.ts'],
      rules: { 'oxc/no-async-endpoint-handlers': 'off' },
    },
    {
      // Nest knows modules by their classes, whatever is in them.
      files: ['docs/examples/nestjs/**', 'packages/nestjs/**', 'test/nestjs/**', 'test/docs/snippets/nestjs*'],
      rules: { 'typescript/no-extraneous-class': 'off' },
    },
    ...importRules,
  ],
}
