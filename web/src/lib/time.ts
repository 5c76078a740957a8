/** Intl's formatters are slow to make and cheap to use: one of each kind per language is kept. */
const formats = new Map<string, Intl.DateTimeFormat>()

function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(language, options)))
  return found
}

/** Midnight at which the day of the moment begins here, Unix milliseconds. */
export function dayStart(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

/** Whole days from the day of `at` to the day of `now`: 0 today, 1 yesterday. Days of 23 and 25 hours count as one. */
export function daysAgo(at: number, now: number): number {
  return Math.round((dayStart(now) - dayStart(at)) / 86_400_000)
}

/** `09:41`. */
export function clock(at: number, language: string): string {
  return format(language, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/** For a list: the clock today, the day of the week within the week, the date before. */
export function shortTime(at: number, language: string, now = Date.now()): string {
  const days = daysAgo(at, now)
  if (days <= 0) return clock(at, language)
  if (days === 1) return capitalized(new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-1, 'day'), language)
  if (days < 7) return format(language, 'weekday', { weekday: 'short' }).format(at)
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  if (sameYear) return format(language, 'monthday', { month: 'short', day: 'numeric' }).format(at)
  return format(language, 'numeric', { year: 'numeric', month: 'numeric', day: 'numeric' }).format(at)
}

/** For the line between two days: `Today`, `Yesterday`, then the date with its day of the week. */
export function longDay(at: number, language: string, now = Date.now()): string {
  const days = daysAgo(at, now)
  if (days === 0 || days === 1) {
    return capitalized(new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day'), language)
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return format(language, sameYear ? 'longday' : 'longdayyear', {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
}

/** Date and time in full, for tooltips and search hits. */
export function fullTime(at: number, language: string): string {
  return format(language, 'full', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

/** `1:05`, `12:00`, `1:00:00`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), String(s % 60).padStart(2, '0')]
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${rest}` : `${m}:${rest}`
}

function capitalized(text: string, language: string): string {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1)
}
