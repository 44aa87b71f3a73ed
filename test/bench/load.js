/** Imports a peer at run time only: the types that it brings along are no concern of this project's. */
export const load = (specifier) => import(specifier)
