const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/**
 * `1.4 MB`: a size for people, in the language's own way of writing numbers. With `round`, a size from 10 kB on has a
 * fraction digit as well, and is never written smaller (`up`) or larger (`down`) than it is.
 */
export function bytes(size: number, language: string, round?: 'up' | 'down'): string {
  let unit = 0
  while (size >= 1000 ** (unit + 1) && unit < units.length - 1) unit++
  const value = round ? tenths(size, 1000 ** unit, round) : size / 1000 ** unit
  const text = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[unit]!,
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: unit > 0 && (round || value < 10) ? 1 : 0,
  }).format(value)
  // Chinese has no space before 字节, but one before the other units.
  return text.replace(/(\d)(\p{L})/u, '$1 $2')
}

/** `n / unit`, rounded to a tenth. */
export function tenths(n: number, unit: number, round: 'up' | 'down'): number {
  // Multiplied first: a quotient such as 5.3 times 10 is more than 53.
  return Math[round === 'up' ? 'ceil' : 'floor']((n * 10) / unit) / 10
}
