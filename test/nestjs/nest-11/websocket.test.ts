import '../websocket.test.ts'
