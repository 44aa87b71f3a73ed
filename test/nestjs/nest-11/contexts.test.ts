import '../contexts.test.ts'
