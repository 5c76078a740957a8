/** The settings that this client has texts for, in the order in which they are shown. */
export const groups = {
  general: ['name', 'language', 'time-zone'],
  signIn: ['auth.passwords', 'auth.hidden', 'auth.two-factor', 'auth.min-password', 'auth.code-ttl', 'auth.fresh-sign-in', 'token.ttl'],
  uploads: ['upload.max-image', 'upload.max-file', 'upload.max-voice', 'upload.max-video', 'upload.max-per-day'],
  chats: [
    'chat.max-text', 'chat.withdraw-window', 'chat.edit-window', 'chat.hide-revisions', 'chat.hide-read-marks', 'chat.max-read-marks', 'chat.read-mark-pause', 'chat.hide-activity', 'chat.typing-pause', 'chat.max-typing', 'chat.availability-pause', 'chat.max-status', 'chat.max-group-members', 'chat.max-top', 'chat.max-pins', 'chat.max-drafts', 'chat.shake-interval', 'chat.max-friend-requests',
    'chat.friend-request-pause', 'chat.search-time',
  ],
  rates: [
    'rate.send', 'rate.send-burst', 'rate.request', 'rate.request-burst', 'rate.history', 'rate.history-burst', 'rate.login', 'rate.login-burst',
    'rate.sign-in', 'rate.sign-in-burst', 'rate.password', 'rate.password-burst', 'rate.password-all', 'rate.password-all-burst',
    'socket.max-per-token', 'socket.max-per-account',
  ],
  audit: ['audit.keep'],
} as const

export const groupNames = Object.keys(groups) as (keyof typeof groups)[]
export const known = new Set<string>(Object.values(groups).flat())

/** Returns the key of the texts of a setting. i18next takes a dot as a separator of keys. */
export const keyOf = (name: string): string => name.replaceAll('.', '-')
