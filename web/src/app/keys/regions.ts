const tabbable = 'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex="0"]'

/** Moves the focus to the next part of the window (1) or the one before (-1): pages, list, conversation, details. */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('nav, [data-region], main, aside')].filter((e) => e.offsetParent !== null || e.offsetHeight > 0)
  if (regions.length === 0) return
  const at = regions.findIndex((r) => r.contains(document.activeElement))
  const to = regions[(at + step + regions.length) % regions.length]
  // The focus goes to the field for messages or the current page or chat, otherwise to the first element that can have it.
  const target = to?.querySelector<HTMLElement>('[data-composer], [aria-current="page"]') ?? to?.querySelector<HTMLElement>(tabbable)
  target?.focus()
}
