import { useSyncExternalStore } from 'react'

/** The text that is selected inside the message's row; "" if nothing is, or if the selection reaches into other rows. */
export function selectedIn(key: string): string {
  const selection = getSelection()
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return ''
  const range = selection.getRangeAt(0)
  const row = rowOf(range.startContainer)
  if (row?.dataset.message !== key) return ''
  if (!row.contains(range.endContainer)) {
    // A triple click selects a paragraph up to the beginning of what follows it.
    const inside = range.cloneRange()
    inside.setEnd(row, row.childNodes.length)
    if (inside.toString() !== range.toString()) return ''
  }
  return selection.toString().replace(/\n+$/, '')
}

const rowOf = (node: Node): HTMLElement | null | undefined => (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>('[data-message]')

/** As selectedIn, and follows the selection. */
export function useSelectedIn(key: string): string {
  return useSyncExternalStore(listen, () => selectedIn(key))
}

function listen(changed: () => void): () => void {
  document.addEventListener('selectionchange', changed)
  return () => document.removeEventListener('selectionchange', changed)
}
