import { useSyncExternalStore } from 'react'
import { create } from 'zustand'
import { usePreferences } from '@/app/preferences'
import type { ChatKey } from '@/state/model'
import { actions } from '@/state/store'
import { toastError } from '@/ui/toast'

/** What stands beside the conversation. */
export type Pane = 'details' | 'search' | 'thread' | null

const stored = 'parley.pane'

/** Pixels: the rail and the panel, and the least that a conversation keeps beside them. */
const rail = 64
const panel = 320
const least = 480

/**
 * Where there is room for it: `beside` list and conversation, `instead` of the list beside the conversation, or only
 * `over` the conversation.
 */
type Room = 'beside' | 'instead' | 'over'

function room(): Room {
  if (typeof window === 'undefined') return 'beside'
  const left = window.innerWidth - rail - panel - least
  return left >= usePreferences.getState().listWidth ? 'beside' : left >= 0 ? 'instead' : 'over'
}

export const isBeside = (): boolean => room() !== 'over'

function useRoom(): Room {
  return useSyncExternalStore((changed) => {
    window.addEventListener('resize', changed)
    const stop = usePreferences.subscribe(changed)
    return () => {
      window.removeEventListener('resize', changed)
      stop()
    }
  }, room)
}

/** As isBeside; renders again when the room changes. */
export const useIsBeside = (): boolean => useRoom() !== 'over'

/** Whether it stands where the list would. */
export function useIsInsteadOfList(): boolean {
  const open = usePane((s) => s.pane !== null)
  return useRoom() === 'instead' && open
}

export const usePane = create<{ pane: Pane }>()(() => ({ pane: room() === 'beside' && localStorage.getItem(stored) === 'details' ? 'details' : null }))

/** The search and a thread belong to one chat, so they close with it. The details stay, and show the next chat. */
export function leaveChat(): void {
  if (usePane.getState().pane !== 'details') usePane.setState({ pane: null })
}

/** Opens the thread of a message beside the conversation. */
export function openThread(chat: ChatKey, messageId: string): void {
  void actions().openThread(chat, messageId).catch(toastError)
  openPane('thread')
}

/** Opens what stands beside the conversation, or closes it. That the details are open beside it is remembered on this device. */
export function openPane(pane: Pane): void {
  usePane.setState({ pane })
  if (room() !== 'beside') return
  if (pane === 'details') localStorage.setItem(stored, pane)
  else if (pane === null) localStorage.removeItem(stored)
}

// A thread that is not shown is not kept up to date.
usePane.subscribe((now, before) => {
  if (before.pane === 'thread' && now.pane !== 'thread') actions().closeThread()
})
