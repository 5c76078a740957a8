import i18n from 'i18next'
import { bytes, tenths } from './bytes'

// The contract's texts, which programs compare letter by letter, and under which
// name i18n/<language>/refusal.json has them for people.
const known: Record<string, string> = {
  'not my contract': 'notContact',
  removeit: 'relationEnded',
  'not in group': 'notInGroup',
  'group not found': 'groupNotFound',
  'from user not found': 'senderNotFound',
  'account not found': 'accountNotFound',
  'ban speak': 'banSpeak',
  'message not found': 'messageNotFound',
  'message too long': 'messageTooLong',
  'withdraw expired': 'withdrawExpired',
  'edit expired': 'editExpired',
  'too many reactions': 'tooManyReactions',
  'too many pins': 'tooManyPins',
  forbidden: 'forbidden',
  'too many requests': 'tooManyRequests',
  'token required': 'signedOut',
  'invalid token': 'signedOut',
  'token expired': 'signedOut',
  'invalid code': 'invalidCode',
  'wrong e-mail address or password': 'wrongPassword',
  'passwords are off': 'passwordsOff',
  'sign in again': 'signInAgain',
  'too many connections': 'tooManyConnections',
  'no account for this sign-in': 'unknownIdentity',
  'wrong code': 'wrongCode',
  'code already used': 'codeUsed',
  'sign-in expired': 'signInExpired',
  'two-factor is required': 'twoFactorRequired',
  'turn your own two-factor off in your settings': 'ownTwoFactor',
  'not found': 'notFound',
  'already exists': 'conflict',
  'the settings were changed meanwhile': 'settingsChanged',
  'internal error': 'serverFault',
  'database error': 'serverFault',
  'database err': 'serverFault',
  offline: 'offline',
  'the form is damaged': 'formDamaged',
}

const invalid = 'invalid payload: '

// Refusals of an upload as a picture; the same file may be sent as a file.
const tooManyPixels = /^the picture has too many pixels: (\d+) by (\d+), (\d+) are taken$/
const damaged = 'the picture is damaged'
const wrongType = 'files of this type are not taken here' // the type may follow

/** Whether the server refused a file as a picture or video, so that it can still be sent as a file. */
export const isRefusedAsPicture = (reason: string): boolean => tooManyPixels.test(reason) || reason === damaged || reason.startsWith(wrongType)

const megapixels = (n: number, round: 'up' | 'down'): string => new Intl.NumberFormat(i18n.language).format(tenths(n, 1e6, round))

/** Says that a file is larger than the limit. The size is rounded up and the limit down, so that the two always differ. */
export function tooLarge(size: number, limit: number): string {
  return i18n.t('fileTooLarge', { ns: 'refusal', got: bytes(size, i18n.language, 'up'), most: bytes(limit, i18n.language, 'down') })
}

/** What stands for an error in state, where only its text is kept; `refusal` understands it. */
export function textOf(error: unknown): string {
  // Each browser has a different text for a network failure.
  if (error instanceof TypeError) return 'offline'
  return error instanceof Error ? error.message : String(error)
}

let explain: (error: unknown) => string | null = () => null

/** Sets the function that says why the server refuses a field. Its texts are loaded with the pages that need them. */
export const explainWith = (how: typeof explain): void => {
  explain = how
}

/** Says in the user's words why something did not work. */
export function refusal(error: unknown): string {
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : ''
  const key = known[text]
  if (key) return i18n.t(key, { ns: 'refusal' })
  const explained = explain(error)
  if (explained) return explained
  // fetch rejects with a TypeError if the server does not answer.
  if (error instanceof TypeError) return i18n.t('offline', { ns: 'refusal' })
  const pixels = tooManyPixels.exec(text)
  if (pixels) {
    const [width, height, most] = pixels.slice(1).map(Number) as [number, number, number]
    return i18n.t('tooManyPixels', { ns: 'refusal', got: megapixels(width * height, 'up'), most: megapixels(most, 'down') })
  }
  if (text === damaged) return i18n.t('pictureDamaged', { ns: 'refusal' })
  if (text.startsWith(wrongType)) return i18n.t('pictureType', { ns: 'refusal' })
  if (text.startsWith(invalid)) return i18n.t('invalid', { ns: 'refusal', detail: text.slice(invalid.length) })
  return text ? i18n.t('other', { ns: 'refusal', detail: text }) : i18n.t('serverFault', { ns: 'refusal' })
}
