import '../rpc.test.ts'
