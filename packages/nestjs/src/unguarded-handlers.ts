import type { OnModuleInit } from '@nestjs/common'
import { HttpAdapterHost, MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core'
import { isPublic } from './demand.ts'

const [reflector, scanner] = [new Reflector(), new MetadataScanner()]

/**
 * Nest keeps global guards from gateways before Nest 12, and from the message handlers of hybrid applications unless they
 * inherit. Nobody would notice, so an application does not start before these handlers say what holds for them.
 */
export const unguardedHandlersCheck = {
  provide: Symbol.for('tokenward.nestjs.unguarded-handlers'),
  inject: [ModulesContainer, HttpAdapterHost],
  useFactory: (modules: ModulesContainer, host: HttpAdapterHost): OnModuleInit => {
    const onModuleInit = (): void => refuse(modules, Boolean(host.httpAdapter))
    onModuleInit() // before anything listens; what a testing module becomes is known only later
    return { onModuleInit }
  },
}

function refuse(modules: ModulesContainer, isHybrid: boolean): void {
  const hosts = [...modules.values()].flatMap(({ controllers, providers }) => [...controllers, ...providers])
  const names = new Set(hosts.flatMap(([, { metatype }]) => (metatype ? unguarded(metatype, isHybrid) : [])))
  if (names.size === 0) return
  const remedy = 'put @UseGuards(AccessTokenGuard), @Authorize(...) or @Public() on them, or on their classes'
  throw new Error(`TokenwardModule: a global guard may not reach ${[...names].join(', ')}: ${remedy}`)
}

function unguarded(host: Parameters<typeof isPublic>[0], isHybrid: boolean): readonly string[] {
  const isGateway = reflector.get<unknown>('websockets:is_gateway', host) === true
  if ((!isGateway && !isHybrid) || isPublic(host) !== undefined) return []
  return scanner.getAllMethodNames(host.prototype ?? null).flatMap((name) => {
    const method = host.prototype[name]
    const isHandler =
      reflector.get(isGateway ? 'websockets:message_mapping' : 'microservices:pattern', method) !== undefined
    return isHandler && isPublic(method) === undefined ? `${host.name}.${name}` : []
  })
}
