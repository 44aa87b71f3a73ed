/** Remembers one value per request object, for as long as that lives. Nobody else can see the value or change it. */
export interface RequestMemory<T> {
  readonly find: (request: object) => { readonly value: T } | undefined
  readonly remember: (request: object, value: T) => void
  readonly forget: (request: object) => void
}

interface Entry<T> {
  readonly request: object
  readonly value: T
}

/**
 * A WeakMap in all but price: entries whose keys live for one request cost the garbage collector more than the whole
 * check of a token that was seen before. A private field costs it nothing.
 */
export function requestMemory<T>(): RequestMemory<T> {
  const others = new WeakMap<object, Entry<T>>()

  class Carrier extends Itself {
    #entry: Entry<T> | undefined

    static find(this: void, request: object): Entry<T> | undefined {
      const carrier = carrierOf(request)
      const entry = #entry in carrier ? carrier.#entry : undefined
      return entry?.request === request ? entry : others.get(request)
    }

    static remember(this: void, request: object, value: T): void {
      const carrier = carrierOf(request)
      const entry = { request, value }
      if (!(#entry in carrier) && isFit(carrier, request)) new Carrier(carrier).#entry = entry
      else if (#entry in carrier && (carrier.#entry ?? entry).request === request) carrier.#entry = entry
      else others.set(request, entry) // so too where two requests hold one list, and the other has its entry there
    }

    static forget(this: void, request: object): void {
      const carrier = carrierOf(request)
      if (#entry in carrier && carrier.#entry?.request === request) carrier.#entry = undefined
      others.delete(request)
    }
  }
  return { find: Carrier.find, remember: Carrier.remember, forget: Carrier.forget }
}

/**
 * Where the entry of a request is kept: at its raw header, if it has one. Express gives each request another prototype,
 * after which Node 20 makes a new shape for every field that one of them is given.
 */
function carrierOf(request: object): object {
  const { rawHeaders }: { readonly rawHeaders?: unknown } = request
  return Array.isArray(rawHeaders) ? rawHeaders : request
}

/** A list that is made anew each time would not be found again. Engines differ on private fields of what is not extensible. */
function isFit(carrier: object, request: object): boolean {
  return carrierOf(request) === carrier && Object.isExtensible(carrier)
}

/** What extends this puts its private fields into the object that it is given (ECMA-262 section 10.2.2). */
// oxlint-disable-next-line typescript/no-extraneous-class -- only a class can do it
class Itself {
  constructor(carrier: object) {
    return carrier
  }
}
