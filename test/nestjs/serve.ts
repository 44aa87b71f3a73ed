import type { ModuleMetadata } from '@nestjs/common'

import { onTestFinished } from 'vitest'

import type { Served as Listening } from '../support/asking.ts'
import type { Application, Platform } from './platforms.ts'

import { asking } from '../support/asking.ts'
import { listen } from '../support/listen.ts'
import { createApplication, listenerOf } from './platforms.ts'

/** A listening application, to be asked. */
export interface Served extends Listening {
  readonly app: Application
}

/** Serves an application of these parts until the test ends. */
export async function serve(
  parts: ModuleMetadata,
  platform: Platform,
  prepare: (app: Application) => unknown = () => {},
): Promise<Served> {
  const app = await createApplication(parts, platform)
  onTestFinished(() => app.close())
  await prepare(app)
  const server = await listen(await listenerOf(app))
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { app, ...asking(server.port) }
}
