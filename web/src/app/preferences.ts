// Preferences of this device, kept in localStorage. All tabs share them, and the server does not know them.
// The language is kept by i18n, which needs it before anything else.
import { create } from 'zustand'

export interface Preferences {
  theme: 'system' | 'light' | 'dark'
  /** Desktop notifications; they need the browser's permission as well. */
  desktop: boolean
  sound: boolean
  /** The offer to allow them has been answered. */
  offered: boolean
  /** Notifications show what was written, not only by whom. */
  preview: boolean
  quiet: QuietHours
  /** Messages are shown with their formatting. */
  formatting: boolean
  /** Above the field for messages, a text with formatting is shown as others will see it. */
  draftPreview: boolean
  /** The buttons for formatting are shown below it. */
  formatBar: boolean
  /** Width of the list pane on wide screens, pixels. */
  listWidth: number
}

/** Do not disturb: every day from one time of day to another, which may be that of the next day. */
export interface QuietHours {
  on: boolean
  /** `HH:MM`, local time of the device. */
  from: string
  until: string
}

export const initialPreferences: Preferences = {
  theme: 'system',
  desktop: true,
  offered: false,
  sound: true,
  preview: true,
  quiet: { on: false, from: '22:00', until: '08:00' },
  formatting: true,
  draftPreview: true,
  formatBar: false,
  listWidth: 320,
}

const storedUnder = 'parley.preferences'

export const listWidthLimits = { min: 240, max: 480 }

export function clampListWidth(width: number): number {
  return Math.round(Math.min(listWidthLimits.max, Math.max(listWidthLimits.min, width)))
}

export const usePreferences = create<Preferences>()(() => readPreferences(localStorage.getItem(storedUnder)))

export function setPreferences(change: Partial<Preferences>): void {
  usePreferences.setState(change)
  localStorage.setItem(storedUnder, JSON.stringify(usePreferences.getState()))
}

window.addEventListener('storage', (e) => {
  if (e.key === storedUnder) usePreferences.setState(readPreferences(e.newValue))
})

/** Takes what was kept as far as it makes sense: an older version of the page may have written it. */
export function readPreferences(kept: string | null): Preferences {
  let found: Partial<Record<keyof Preferences, unknown>> = {}
  try {
    const value: unknown = JSON.parse(kept ?? '{}')
    if (typeof value === 'object' && value !== null) found = value
  } catch {
    // Not ours, or cut off: begin with the defaults.
  }
  const d = initialPreferences
  const quiet = (typeof found.quiet === 'object' && found.quiet !== null ? found.quiet : {}) as Partial<Record<keyof QuietHours, unknown>>
  return {
    theme: oneOf(['system', 'light', 'dark'], found.theme) ?? d.theme,
    desktop: flag(found.desktop, d.desktop),
    offered: flag(found.offered, d.offered),
    sound: flag(found.sound, d.sound),
    preview: flag(found.preview, d.preview),
    quiet: { on: flag(quiet.on, d.quiet.on), from: timeOfDay(quiet.from) ?? d.quiet.from, until: timeOfDay(quiet.until) ?? d.quiet.until },
    formatting: flag(found.formatting, d.formatting),
    draftPreview: flag(found.draftPreview, d.draftPreview),
    formatBar: flag(found.formatBar, d.formatBar),
    listWidth: typeof found.listWidth === 'number' ? clampListWidth(found.listWidth) : d.listWidth,
  }
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown): T | undefined {
  return allowed.find((a) => a === value)
}

function timeOfDay(value: unknown): string | undefined {
  return typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value) ? value : undefined
}
