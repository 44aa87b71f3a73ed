import type { ExecutionContext } from '@nestjs/common'
import { applyDecorators, SetMetadata } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { Policy } from '@tokenward/core'

/** What a class or a method says of its own protection. */
interface Said {
  readonly isPublic?: true
  /** The name of a resource server. */
  readonly server?: string
  /** Over claims of any schema: only `any` fits invariant type parameters. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly requirements?: readonly { readonly policy: Policy<any>; readonly fresh: boolean }[]
}

type Host = ReturnType<ExecutionContext['getHandler']>

const reflector = new Reflector()
const said = (host: Host): Said => reflector.get<Said | undefined>('tokenward', host) ?? {}

/** Adds to what a class or a method says. Requirements add up, since all of them must hold. */
export function say(more: Said): ReturnType<typeof applyDecorators> {
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const before = said(descriptor?.value ?? target)
    const requirements = [...(before.requirements ?? []), ...(more.requirements ?? [])]
    applyDecorators(SetMetadata('tokenward', { ...before, ...more, requirements }))(target, name, descriptor)
  }
}

/** What is asked of a call beyond a good token; undefined for a public one. */
export function demandOf(context: ExecutionContext): Required<Omit<Said, 'isPublic'>> | undefined {
  const [owner, method] = [context.getClass(), context.getHandler()]
  if (isPublic(method) ?? isPublic(owner)) return undefined
  const [outer, inner] = [said(owner), said(method)]
  const requirements = [...(outer.requirements ?? []), ...(inner.requirements ?? [])]
  return { server: inner.server ?? outer.server ?? 'default', requirements }
}

/** Undefined where nothing is said. What is both public and guarded is guarded. */
export function isPublic(host: Host): boolean | undefined {
  const guards = reflector.get<readonly unknown[] | undefined>('__guards__', host) ?? [] // what UseGuards was given
  const types: readonly unknown[] = guards.map((guard) =>
    typeof guard === 'function' ? guard : Object(guard).constructor,
  )
  return types.some((type) => Reflect.get(Object(type), 'isAccessTokenGuard') === true) ? false : said(host).isPublic
}
