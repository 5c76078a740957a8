/** The zone of this browser. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** The names of all zones that the browser knows, with its own, UTC and the given ones among them. */
export function allZones(...more: string[]): string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ownZone(), ...more.filter(Boolean)])].toSorted()
}

/** The zones as the options of a list. */
export const zoneOptions = (...more: string[]): { value: string; label: string }[] => allZones(...more).map((value) => ({ value, label: value.replaceAll('_', ' ') }))
