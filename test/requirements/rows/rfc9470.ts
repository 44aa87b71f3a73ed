import type { RequirementRow } from '../row.ts'
import { planned } from '../row.ts'

export const rfc9470 = [
  {
    id: 'RFC9470-3-a',
    level: 'PROC',
    layer: 'stepup',
    summary: 'An insufficient authentication is a 401 with `insufficient_user_authentication`',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-3-b',
    level: 'PROC',
    layer: 'stepup',
    summary: '`acr_values` is a space-separated list in preference order',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-3-c',
    level: 'PROC',
    layer: 'stepup',
    summary: '`max_age` is a non-negative integer number of seconds',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-3-d',
    level: 'MAY',
    layer: 'stepup',
    summary: 'Both parameters in one challenge, with `scope` where that lacks too',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-6.1-a',
    level: 'PROC',
    layer: 'stepup',
    summary: 'JWT claims `acr` and `auth_time` are evaluated',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-6.2-a',
    level: 'PROC',
    layer: 'stepup',
    summary: 'The same members count in an introspection response',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-9-a',
    level: 'DERIVED',
    layer: 'stepup',
    summary: 'Required levels are shown only to a valid token',
    status: planned('step-up authentication'),
  },
  {
    id: 'RFC9470-3-e',
    level: 'PROC',
    layer: 'challenge',
    summary: 'Other schemes work the same way',
    status: planned('step-up authentication'),
  },
] as const satisfies readonly RequirementRow[]
