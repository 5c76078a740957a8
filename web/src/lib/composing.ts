import type { KeyboardEvent as ReactKeyboardEvent } from 'react'

type Key = Pick<KeyboardEvent, 'isComposing' | 'keyCode'>

/**
 * The key belongs to an input method that composes: Enter there chooses a word. Safari ends the composition before
 * it reports that Enter, which only the key code 229 then tells apart.
 */
export function isComposing(event: Key | ReactKeyboardEvent): boolean {
  const { isComposing: composing, keyCode } = 'nativeEvent' in event ? event.nativeEvent : event
  return composing || keyCode === 229
}
