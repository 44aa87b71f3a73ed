import '../contract.test.ts'
