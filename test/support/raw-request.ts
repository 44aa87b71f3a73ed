export { fieldValues, rawRequest } from '../../packages/testing/src/contract/raw-request.ts'
export type { RawRequest, RawResponse } from '../../packages/testing/src/contract/raw-request.ts'
