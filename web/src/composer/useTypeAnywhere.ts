import { type RefObject, useEffect, useEffectEvent } from 'react'
import { commandOf, isApple } from '@/app/keys/shortcuts'
import { isBeside, usePane } from '@/conversation/pane'
import { useSelection } from '@/message/selection'
import { isComposing } from '@/lib/composing'
import { overPage, takesText } from '@/ui/focus'

/**
 * Lets what is typed or pasted go into the field although the focus is at a place that takes no text, after a click among the
 * messages. The field of a thread takes what is typed in the thread, and the field of the chat everything else.
 */
export function useTypeAnywhere(field: RefObject<HTMLTextAreaElement | null>, inThread: boolean, paste: (data: DataTransfer) => void): void {
  const pasted = useEffectEvent((event: ClipboardEvent) => {
    if (event.defaultPrevented || !event.clipboardData || !isFree(event.target, inThread)) return
    event.preventDefault()
    field.current?.focus()
    paste(event.clipboardData)
  })
  useEffect(() => {
    // The character follows into what has the focus after the keydown.
    const pressed = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && isFree(event.target, inThread) && isCharacter(event)) field.current?.focus()
    }
    window.addEventListener('keydown', pressed)
    document.addEventListener('paste', pasted)
    return () => {
      window.removeEventListener('keydown', pressed)
      document.removeEventListener('paste', pasted)
    }
  }, [field, inThread])
}

/** Nothing else has a use for the text: a field, a window over the page, or a message that was selected with the keyboard. */
function isFree(target: EventTarget | null, inThread: boolean): boolean {
  if (takesText(target) || document.querySelector(overPage)) return false
  if ((target instanceof Element && target.closest('[data-thread]') !== null) !== inThread) return false
  // On a narrow screen the pane covers the field of the chat.
  if (!inThread && usePane.getState().pane !== null && !isBeside()) return false
  if (!(target instanceof Element)) return true
  if (target.closest('[data-message]') && useSelection.getState().key !== null) return false
  return target.closest('video, audio, [role="listbox"], [role="grid"], [role="tree"]') === null
}

function isCharacter(event: KeyboardEvent): boolean {
  if (isComposing(event) || commandOf(event, isApple(), false) !== null) return false
  if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph')) return false
  // Space presses the button that has the focus, and scrolls.
  return event.key === 'Dead' || (event.key !== ' ' && Array.from(event.key).length === 1)
}
