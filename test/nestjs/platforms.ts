import type { DynamicModule, ModuleMetadata } from '@nestjs/common'
import type { RequestListener } from 'node:http'

import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'

interface PlatformOptions {
  readonly trustProxy?: boolean
}

/** Both HTTP platforms of Nest, for tests that hold for either. */
export const platforms = [
  ['Express', (options: PlatformOptions = {}): ExpressAdapter => express(options)],
  ['Fastify', (options: PlatformOptions = {}): FastifyAdapter => new FastifyAdapter(options)],
] as const

function express({ trustProxy = false }: PlatformOptions): ExpressAdapter {
  const adapter = new ExpressAdapter()
  adapter.getInstance().set('trust proxy', trustProxy)
  return adapter
}

export type Platform = (options?: PlatformOptions) => ExpressAdapter | FastifyAdapter

export type Application = Awaited<ReturnType<typeof createApplication>>

class Root {}

/** The module that an application is made of. */
export function rootModule(parts: ModuleMetadata): DynamicModule {
  return { module: Root, ...parts }
}

/** An application that says nothing, and throws what is wrong with it. */
export async function createApplication(parts: ModuleMetadata, platform: Platform) {
  return NestFactory.create(rootModule(parts), platform(), { logger: false, abortOnError: false })
}

/** What answers the requests of an application, once it was initialised. */
export async function listenerOf(app: Application): Promise<RequestListener> {
  await app.init()
  const adapter = app.getHttpAdapter()
  if (!(adapter instanceof FastifyAdapter)) return adapter.getInstance()
  await adapter.getInstance().ready()
  return adapter.getInstance().routing
}
