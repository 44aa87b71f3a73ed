/** The anchors that a Markdown page offers: of its headings as GitHub makes them, and explicit ones. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const prose = markdown.replaceAll(/^```.*?^```/gmsu, '')
  const headings = [...prose.matchAll(/^#{1,6} +(.+?) *$/gmu)].map(([, heading]) => slug(String(heading)))
  const explicit = [...prose.matchAll(/<a (?:id|name)="([^"]+)"|\{#([\w-]+)\}/gu)]
  return new Set([...headings, ...explicit.map(([, id, custom]) => String(id ?? custom))])
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}
