import { contractOutputs } from './contract.ts'
import { fastifyOutputs } from './fastify.ts'
import { guideOutputs } from './guides.ts'
import { introspectionOutputs } from './introspection.ts'
import { nestOutputs } from './nestjs.ts'
import type { Outputs } from './output.ts'
import { readmeOutputs } from './readme.ts'
import { rememberedOutputs } from './remembered.ts'
import { serverlessOutputs } from './serverless.ts'
import { timelineOutputs } from './timelines.ts'

/** Everything that a page may print. */
export const outputs: Outputs = {
  ...readmeOutputs,
  ...guideOutputs,
  ...timelineOutputs,
  ...introspectionOutputs,
  ...rememberedOutputs,
  ...serverlessOutputs,
  ...contractOutputs,
  ...fastifyOutputs,
  ...nestOutputs,
}
