import type { DynamicModule, FactoryProvider, ModuleMetadata, OnModuleInit } from '@nestjs/common'
import { Global, Module } from '@nestjs/common'
import { APP_GUARD, HttpAdapterHost, MetadataScanner, ModulesContainer } from '@nestjs/core'
import { type AnyClaims, readServerInput, type TokenClaims } from '@tokenward/core'
import { AccessTokenGuard, isPublic, reflector } from './access-token-guard.ts'
import { type Protection, type ProtectionOptions, resourceServerToken } from './execution.ts'

/** What has to be known before an application is put together. */
export interface TokenwardModuleExtras {
  /** For a resource server beside the one without a name: `@UseResourceServer(name)` chooses it. */
  readonly name?: string | undefined
  /** `global` (default) guards every handler that is not `@Public()`, `manual` those that ask for it. Without a name only. */
  readonly guard?: 'global' | 'manual' | undefined
}

export type TokenwardModuleOptions<Claims = TokenClaims> = TokenwardModuleExtras & ProtectionOptions<Claims>

export interface TokenwardModuleAsyncOptions<Claims = TokenClaims>
  extends TokenwardModuleExtras, Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider, 'inject'> {
  readonly useFactory: (...injected: AnyClaims[]) => ProtectionOptions<Claims> | Promise<ProtectionOptions<Claims>>
}

/** Protects an application of NestJS with access tokens. Imported once per resource server, by the root module. */
@Global()
@Module({ providers: [AccessTokenGuard], exports: [AccessTokenGuard] })
export class TokenwardModule {
  /** @throws TypeError that names every problem of the options */
  static forRoot<Claims = TokenClaims>(options: TokenwardModuleOptions<Claims>): DynamicModule {
    const { name, guard, ...given } = Object(options) as typeof options // or nothing, if it is no object
    const make = () => protectionOf(given, 'TokenwardModule.forRoot', problemsOf({ name, guard }))
    const made = [make()] // at once, where the mistake is
    return dynamicModule({ name, guard }, { useFactory: () => made.pop() ?? make() }) // every application has its own
  }

  /**
   * As `forRoot`, for options that need something of the application. Those that are wrong keep it from starting.
   *
   * @throws TypeError for a wrong `name` or `guard`, and without a `useFactory`
   */
  static forRootAsync<Claims = TokenClaims>(options: TokenwardModuleAsyncOptions<Claims>): DynamicModule {
    const { imports = [], inject = [], useFactory: optionsOf, ...extras } = options
    const [subject, problems] = ['TokenwardModule.forRootAsync', problemsOf(extras)]
    if (typeof optionsOf !== 'function') problems.push('useFactory must be a function')
    if (problems.length > 0) throw new TypeError(`${subject}: ${problems.join('; ')}`)
    const useFactory = async (...injected: unknown[]) => protectionOf(await optionsOf(...injected), subject, [])
    return { imports, ...dynamicModule(extras, { useFactory, inject }) }
  }
}

function problemsOf({ name, guard, ...others }: TokenwardModuleExtras): string[] {
  const problems = Object.keys(others).map((other) => `unknown option ${other}`)
  if (name !== undefined && (typeof name !== 'string' || name === '')) problems.push('name must be a text')
  if (name !== undefined && guard === 'global') problems.push('guard "global" cannot stand beside a name')
  if (![undefined, 'global', 'manual'].includes(guard)) problems.push('guard must be "global" or "manual"')
  return problems
}

/** @throws TypeError that names every problem, those in `problems` included */
function protectionOf(options: ProtectionOptions<AnyClaims>, subject: string, problems: string[]): Protection {
  // a cast for what nobody should give; or nothing, if it is no object
  const { credentials, refusals, ...input } = Object(options) as typeof options & { readonly refusals?: unknown }
  if (credentials !== undefined && typeof credentials !== 'function') problems.push('credentials must be a function')
  if (refusals !== undefined) problems.push('refusals is no option: exception filters format refusals')
  const server = readServerInput<AnyClaims>(subject, input, problems)
  return { ...server, credentials, onModuleDestroy: 'issuer' in input ? server.close : (): void => {} }
}

function dynamicModule(extras: TokenwardModuleExtras, making: Omit<FactoryProvider, 'provide'>): DynamicModule {
  const { name = 'default', guard = extras.name === undefined ? 'global' : 'manual' } = extras
  const token = resourceServerToken(name)
  const useFactory: typeof making.useFactory = (modules: ModulesContainer, ...injected) => {
    const makers = [...modules.values()].filter(({ providers: made }) => made.has(token))
    if (makers.length > 1) throw new Error(`TokenwardModule: ${makers.length} resource servers are named ${name}`)
    return making.useFactory(...injected)
  }
  const server = { provide: token, useFactory, inject: [ModulesContainer, ...(making.inject ?? [])] }
  const globally = guard === 'global' ? [unguardedHandlers, { provide: APP_GUARD, useExisting: AccessTokenGuard }] : []
  return { module: TokenwardModule, providers: [server, ...globally], exports: [token] }
}

/**
 * Nest keeps global guards from gateways before Nest 12, and from the message handlers of hybrid applications unless they
 * inherit. Nobody would notice, so an application does not start before these handlers say what holds for them.
 */
const unguardedHandlers = {
  provide: Symbol.for('tokenward.nestjs.unguarded-handlers'),
  inject: [ModulesContainer, HttpAdapterHost],
  useFactory: (modules: ModulesContainer, host: HttpAdapterHost): OnModuleInit => {
    const onModuleInit = (): void => {
      const hosts = [...modules.values()].flatMap(({ controllers, providers }) => [...controllers, ...providers])
      const open = [...new Set(hosts.flatMap(([, { metatype }]) => (metatype ? unguarded(metatype, host) : [])))]
      const hint = 'put @UseGuards(AccessTokenGuard), @Authorize(...) or @Public() on them, or on their classes'
      if (open.length > 0) throw new Error(`TokenwardModule: a global guard may not reach ${open.join(', ')}: ${hint}`)
    }
    onModuleInit() // before anything listens; what a testing module becomes is known only later
    return { onModuleInit }
  },
}

function unguarded(host: Function, { httpAdapter }: HttpAdapterHost): readonly string[] {
  const isGateway = reflector.get('websockets:is_gateway', host) === true
  if (!(isGateway || httpAdapter) || isPublic(host) !== undefined) return []
  const mark = isGateway ? 'websockets:message_mapping' : 'microservices:pattern'
  const names = new MetadataScanner().getAllMethodNames(host.prototype ?? null)
  const handlers = names.filter((name) => reflector.get(mark, host.prototype[name]) !== undefined)
  return handlers.flatMap((name) => (isPublic(host.prototype[name]) === undefined ? `${host.name}.${name}` : []))
}
