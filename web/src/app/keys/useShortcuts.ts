import { useEffect } from 'react'
import { useLocation } from 'wouter'
import { openDialog } from '@/app/dialogs'
import { pathOf, shownChat } from '@/app/paths'
import { neighbour } from '@/chatlist/neighbour'
import { canMute } from '@/chatlist/useChatMenu'
import { focusComposer } from '@/composer/control'
import { openPane, usePane, type Pane } from '@/conversation/pane'
import { isInbox, type Chat } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { toastError } from '@/ui/toast'
import { moveRegion } from './regions'
import { commandOf, isApple, isTyping, type Command } from './shortcuts'

/** Listens to the keys that work everywhere, for as long as the shell is shown. */
export function useShortcuts(): void {
  const [, navigate] = useLocation()
  useEffect(() => {
    const pressed = (e: KeyboardEvent): void => {
      // Something nearer has answered it, or a window that has to be closed first lies over the page.
      if (e.defaultPrevented || document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return
      const command = commandOf(e, isApple(), isTyping(e.target))
      if (command && run(command, navigate)) e.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [navigate])
}

/** Reports whether there was something to do: otherwise the browser's own meaning of the keys holds. */
function run(command: Command, navigate: (path: string) => void): boolean {
  const { chats, order } = useStore.getState()
  const current = shownChat()
  const chat = current === null ? undefined : chats[current]
  switch (command) {
    case 'switcher':
      openDialog('switcher')
      return true
    case 'help':
      openDialog('help')
      return true
    case 'new-chat':
      openDialog('new-chat')
      return true
    case 'search':
      navigate('/search')
      return true
    case 'settings':
      navigate('/settings')
      return true
    case 'search-chat':
      return inConversation(chat) && toggle('search')
    case 'toggle-details':
      return inConversation(chat) && toggle('details')
    case 'previous-chat':
    case 'next-chat':
    case 'previous-unread':
    case 'next-unread': {
      const to = neighbour({ chats, order, current }, command.startsWith('next') ? 1 : -1, command.endsWith('unread'))
      if (to !== null) navigate(pathOf(to))
      return true
    }
    case 'toggle-mute':
      if (!chat || !canMute(chat)) return false
      actions().setMuted(chat.key, !chat.muted).catch(toastError)
      return true
    case 'toggle-sticky':
      if (!chat) return false
      actions().setSticky(chat.key, chat.topAt === 0).catch(toastError)
      return true
    case 'mark-all-read':
      actions().markAllRead().catch(toastError)
      return true
    case 'next-region':
      moveRegion(1)
      return true
    case 'previous-region':
      moveRegion(-1)
      return true
    case 'escape':
      return escape(chat)
  }
}

const inConversation = (chat: Chat | undefined): boolean => chat !== undefined && !isInbox(chat.ref.type)

function toggle(pane: Exclude<Pane, 'thread' | null>): true {
  openPane(usePane.getState().pane === pane ? null : pane)
  return true
}

/** Closes the panel beside the conversation; then back to the composer; from there, everything in the chat is read. */
function escape(chat: Chat | undefined): boolean {
  if (!chat) return false
  if (inConversation(chat) && usePane.getState().pane !== null) {
    openPane(null)
    focusComposer()
  } else if (!document.activeElement?.matches('[data-composer]')) focusComposer()
  else if (chat.unread > 0) actions().markRead(chat.key).catch(toastError)
  return true
}
