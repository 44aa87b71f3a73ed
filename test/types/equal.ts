/** Whether two types are the same: neither merely fits where the other does. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles where the type is `true`. */
export function holds<_Claim extends true>(): void {}
