/** Orders message ids, which are whole numbers written out; "" comes before all. */
export const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

export const isNewer = (a: string, b: string): boolean => compareIds(a, b) > 0
