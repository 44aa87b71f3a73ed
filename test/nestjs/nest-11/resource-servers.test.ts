import '../resource-servers.test.ts'
