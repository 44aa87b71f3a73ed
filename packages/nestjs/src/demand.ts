import type { ExecutionContext, OnModuleInit } from '@nestjs/common'
import { applyDecorators, SetMetadata } from '@nestjs/common'
import { HttpAdapterHost, MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core'
import type { PolicyDemand } from '@tokenward/core'

/** Claims of any schema: only `any` fits invariant type parameters. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyClaims = any

/** What a class or a method says of its own protection. */
interface Said {
  readonly isPublic?: true
  /** The name of a resource server. */
  readonly server?: string
  /** All of them must hold. */
  readonly policies: readonly PolicyDemand<AnyClaims>[]
}

export type HandlerDecorator = ReturnType<typeof applyDecorators>
type Host = ReturnType<ExecutionContext['getHandler']>

const [reflector, scanner] = [new Reflector(), new MetadataScanner()]
const metadata = (name: string, host: Host): unknown => reflector.get<unknown>(name, host)
const said = (host: Host): Said => reflector.get<Said | undefined>('tokenward', host) ?? { policies: [] }

/** Adds to what a class or a method says. */
export function say(more: Partial<Said>): HandlerDecorator {
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const all = joined(said(descriptor?.value ?? target), more)
    applyDecorators(SetMetadata('tokenward', all))(target, name, descriptor)
  }
}

function joined(outer: Said, inner: Partial<Said>): Said {
  return { ...outer, ...inner, policies: [...outer.policies, ...(inner.policies ?? [])] }
}

/** What is asked of a call beyond a good token; undefined for a public one. */
export function demandOf(context: ExecutionContext): Said | undefined {
  const [owner, method] = [context.getClass(), context.getHandler()]
  return (isPublic(method) ?? isPublic(owner)) ? undefined : joined(said(owner), said(method))
}

/** Undefined where nothing is said. What is both public and guarded is guarded. */
function isPublic(host: Host): boolean | undefined {
  const guards = [metadata('__guards__', host) ?? []].flat() // what UseGuards was given: classes, or what they made
  const types = guards.flatMap((guard): unknown[] => [guard, Object(guard).constructor])
  return types.some((type) => Reflect.get(Object(type), 'isAccessTokenGuard') === true) ? false : said(host).isPublic
}

/**
 * Nest keeps global guards from gateways before Nest 12, and from the message handlers of hybrid applications unless they
 * inherit. Nobody would notice, so an application does not start before these handlers say what holds for them.
 */
export const unguardedHandlersCheck = {
  provide: Symbol.for('tokenward.nestjs.unguarded-handlers'),
  inject: [ModulesContainer, HttpAdapterHost],
  useFactory: (modules: ModulesContainer, host: HttpAdapterHost): OnModuleInit => {
    const onModuleInit = (): void => refuseUnguarded(modules, Boolean(host.httpAdapter))
    onModuleInit() // before anything listens; what a testing module becomes is known only later
    return { onModuleInit }
  },
}

function refuseUnguarded(modules: ModulesContainer, isHybrid: boolean): void {
  const hosts = [...modules.values()].flatMap(({ controllers, providers }) => [...controllers, ...providers])
  const names = new Set(hosts.flatMap(([, { metatype }]) => (metatype ? unguarded(metatype, isHybrid) : [])))
  if (names.size === 0) return
  const remedy = 'put @UseGuards(AccessTokenGuard), @Authorize(...) or @Public() on them, or on their classes'
  throw new Error(`TokenwardModule: a global guard may not reach ${[...names].join(', ')}: ${remedy}`)
}

function unguarded(host: Host, isHybrid: boolean): readonly string[] {
  const isGateway = metadata('websockets:is_gateway', host) === true
  if ((!isGateway && !isHybrid) || isPublic(host) !== undefined) return []
  const mark = isGateway ? 'websockets:message_mapping' : 'microservices:pattern'
  const names = scanner.getAllMethodNames(host.prototype ?? null)
  const handlers = names.filter((name) => metadata(mark, host.prototype[name]) !== undefined)
  return handlers.flatMap((name) => (isPublic(host.prototype[name]) === undefined ? `${host.name}.${name}` : []))
}
