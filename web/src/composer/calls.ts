// Whom the names in a draft mean. Kept like the draft itself: by account, on this device, and as its note on the server.
import { type RefObject, useEffect } from 'react'
import type { Call, ChatKey } from '@/state/model'
import { useStore } from '@/state/store'
import { type DraftCall, movedCalls, standingCalls, withCalls } from './mention'
import { blankStart } from './send'

interface Called {
  text: string
  calls: DraftCall[]
}

const drafts = new Map<string, Called>()
const storage = () => `parley.calls.${useStore.getState().me?.id ?? ''}`

/** The calls of the chat's draft, which has this text. */
function calledIn(chat: ChatKey, text: string): Called {
  const known = drafts.get(`${storage()} ${chat}`)
  // A draft that was written elsewhere: before a reload, or in another tab.
  return known?.text === text ? known : { text, calls: stored()[chat] ?? [] }
}

function keep(chat: ChatKey, { text, calls }: Called): void {
  drafts.set(`${storage()} ${chat}`, { text, calls })
  const all = stored()
  if (calls.length === 0 && !all[chat]) return
  const { [chat]: _, ...others } = all
  try {
    localStorage.setItem(storage(), JSON.stringify(calls.length === 0 ? others : { ...others, [chat]: calls }))
  } catch {
    // No room: then they last as long as the page.
  }
}

function stored(): Record<ChatKey, DraftCall[] | undefined> {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(storage()) ?? '{}')
    return read !== null && typeof read === 'object' ? (read as Record<ChatKey, DraftCall[]>) : {}
  } catch {
    return {}
  }
}

/** Lets the calls move with the text of the field, however it is edited. */
export function useCalls(chat: ChatKey, field: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const area = field.current
    if (!area) return
    let before = area.value
    const remember = () => (before = area.value)
    const follow = () => {
      const { calls } = calledIn(chat, before)
      keep(chat, { text: area.value, calls: movedCalls(calls, before, area.value, area.selectionEnd) })
      before = area.value
    }
    area.addEventListener('beforeinput', remember)
    area.addEventListener('input', follow)
    return () => {
      area.removeEventListener('beforeinput', remember)
      area.removeEventListener('input', follow)
    }
  }, [chat, field])
}

/** The text, which is the chat's draft now, mentions these people. */
export const addCalls = (chat: ChatKey, text: string, added: readonly Call[]): void =>
  keep(chat, { text, calls: withCalls(calledIn(chat, text).calls, added) })

/** The text is the chat's draft now, and mentions these people and no others. */
export const setCalls = (chat: ChatKey, text: string, calls: readonly Call[]): void => keep(chat, { text, calls: [...calls] })

/** Whom the draft mentions. */
export const draftCalls = (chat: ChatKey, text: string): Call[] => standingCalls(text, calledIn(chat, text).calls)

/** Whom the draft mentions. Places count from the first line that is not blank. */
export const callsIn = (chat: ChatKey, text: string): Call[] => draftCalls(chat, text).map((call) => ({ ...call, at: call.at - blankStart(text) }))

/** Whom the draft mentions. */
export const standingIn = (chat: ChatKey, text: string): Call[] => standingCalls(text, calledIn(chat, text).calls)

/** Whom the draft mentions; they are forgotten with it. Places count from the first line that is not blank. */
export function takeCalls(chat: ChatKey, text: string): Call[] {
  const calls = callsIn(chat, text)
  keep(chat, { text: '', calls: [] })
  return calls
}

/** The note with which the server keeps a draft that mentions these people. */
export const noteOf = (calls: readonly Call[]): string => (calls.length > 0 ? JSON.stringify(calls) : '')

/** Whom a draft mentions that was kept with this note. */
export function callsOfNote(text: string, note = ''): Call[] {
  try {
    const read: unknown = JSON.parse(note || '[]')
    // The note may be of another program.
    const calls = Array.isArray(read) ? (read as (Partial<Call> | null)[]).filter((c): c is Call => typeof c?.at === 'number' && typeof c.name === 'string' && typeof c.id === 'string') : []
    return standingCalls(text, calls)
  } catch {
    return []
  }
}
