declare module 'express4' {
  // The types of Express 5 serve both; where the two differ, the tests do not go.
  export { default } from 'express'
}
