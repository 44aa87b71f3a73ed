import '../filters.test.ts'
