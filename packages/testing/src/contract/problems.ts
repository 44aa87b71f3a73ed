export function unless(fine: boolean, problem: string): string[] {
  return fine ? [] : [problem]
}
