// Whether something that has arrived rings a bell. Pure, so that every rule can be read and tested at one place.
import type { Incoming } from '@/app/incoming'
import type { Preferences, QuietHours } from '@/app/preferences'

export interface Situation {
  preferences: Pick<Preferences, 'desktop' | 'sound' | 'preview' | 'quiet'>
  /** The chat is silenced. */
  muted: boolean
  /** A tab of this browser shows the chat, in front and focused. */
  lookedAt: boolean
  /** The person has said that nobody shall disturb. */
  doNotDisturb: boolean
  now: Date
}

/**
 * 1. Nothing rings for what is being looked at, nor in the quiet hours, nor for somebody who does not want to be disturbed.
 * 2. A silenced chat rings for a mention only, and notifications that are counted apart never do.
 * 3. Picture and sound are chosen apart from each other.
 * 4. A mention or a shake is also told within the page, to a reader who is busy with another chat.
 */
export function bell(incoming: Pick<Incoming, 'mention' | 'weak'>, s: Situation): { desktop: boolean; sound: boolean; inPage: boolean } {
  const silent = s.lookedAt || s.doNotDisturb || isQuiet(s.preferences.quiet, s.now) || incoming.weak || (s.muted && !incoming.mention)
  return { desktop: !silent && s.preferences.desktop, sound: !silent && s.preferences.sound, inPage: !silent && incoming.mention }
}

/** The hours may reach over midnight; equal times mean the whole day. */
export function isQuiet(quiet: QuietHours, now: Date): boolean {
  if (!quiet.on) return false
  const at = now.getHours() * 60 + now.getMinutes()
  const from = minutes(quiet.from)
  const until = minutes(quiet.until)
  return from < until ? at >= from && at < until : at >= from || at < until
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}
