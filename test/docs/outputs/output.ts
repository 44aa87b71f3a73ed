/** What a page prints, by the name in the comment before it; each is made by running something. */
export type Outputs = Readonly<Record<string, () => Promise<string>>>
