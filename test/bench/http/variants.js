/** What of one framework is measured. Loaded when it is needed, since a server of one has no use for the other. */
export async function variantsOf(framework) {
  if (framework === 'express') return (await import('./express.js')).EXPRESS
  return (await import('./fastify.js')).FASTIFY
}
