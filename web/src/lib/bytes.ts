const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** `1.4 MB`: a size for people, in the language's own way of writing numbers. */
export function bytes(size: number, language: string): string {
  let unit = 0
  let value = size
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[unit]!,
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value)
}

/** Writes two different numbers with as few fraction digits as it takes to tell them apart; `digits` is undefined for the usual form. */
export function apart(a: number, b: number, write: (n: number, digits?: number) => string): [string, string] {
  let pair: [string, string] = [write(a), write(b)]
  for (let digits = 1; pair[0] === pair[1] && digits <= 12; digits++) pair = [write(a, digits), write(b, digits)]
  return pair
}
