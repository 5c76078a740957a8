// Unsent input of a dialog, kept on this device until it is sent or cancelled, so that Escape and a reload do not lose it.
// Signing out removes it.
import { useState } from 'react'
import { useStore } from '@/state/store'

type Fields = Record<string, string>

const under = (account: string): string => `parley.form.${account}.`

function kept<F extends Fields>(key: string, empty: F): F {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    const texts = Object.entries(found ?? {}).filter(([name, text]) => name in empty && typeof text === 'string')
    return { ...empty, ...Object.fromEntries(texts) }
  } catch {
    return empty
  }
}

function keep(key: string, fields: Fields | null): void {
  try {
    if (fields) localStorage.setItem(key, JSON.stringify(fields))
    else localStorage.removeItem(key)
  } catch {
    // No room: then it lasts as long as the dialog.
  }
}

/** The fields of a dialog: as they were left, or else `empty`. `name` says which dialog of which chat or group. */
export function useKeptForm<F extends Fields>(name: string, empty: F) {
  const key = under(useStore((s) => s.me?.id ?? '')) + name
  const [fields, setFields] = useState(() => kept(key, empty))
  const change = (part: Partial<F>): void => {
    const after = { ...fields, ...part }
    setFields(after)
    keep(key, Object.keys(empty).every((field) => after[field] === empty[field]) ? null : after)
  }
  return { fields, change, forget: () => keep(key, null) }
}

/** Removes what the account has written in dialogs. */
export function forgetForms(account: string): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(under(account))) localStorage.removeItem(key)
}
