import type { MouseEvent } from 'react'
import { openPane, useIsBeside } from '@/conversation/pane'
import type { ChatKey } from '@/state/model'
import { actions } from '@/state/store'
import { toastError } from '@/ui/toast'

/**
 * What a click on the link of a hit does. `inChat`: the search is a panel of this chat. Where the panel covers the chat, it
 * closes and the chat goes to the message. That is no new page, so that the way back leaves the chat.
 */
export function useHitLink(chat: ChatKey, message: string, inChat = false): { onClick?: (event: MouseEvent) => void } {
  const beside = useIsBeside()
  if (!inChat || beside) return {}
  return {
    onClick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      openPane(null)
      actions().jumpTo(chat, message).catch(toastError)
    },
  }
}
