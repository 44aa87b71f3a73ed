import '../http.test.ts'
