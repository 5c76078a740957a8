/** The page is used with a finger: the focus brings a keyboard up, and Enter on it begins a new line. */
export const byFinger = (): boolean => matchMedia('(pointer: coarse)').matches
