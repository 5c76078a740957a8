/** The page is used with a finger: focusing a field opens a keyboard, Enter on it begins a new line, and hints about keys are of no use. */
export const byFinger = (): boolean => typeof matchMedia !== 'undefined' && matchMedia('(pointer: coarse)').matches
