import { type ClassValue, clsx } from 'clsx'

/**
 * Joins class names. Two of them must not set the same property: the order of the stylesheet would decide, not the order
 * here. Shorthands stand before what they contain, so that `p-4 py-2` is sure.
 */
export const cn = (...classes: ClassValue[]): string => clsx(classes)
