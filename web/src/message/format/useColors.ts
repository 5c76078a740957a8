import { useEffect, useMemo, useReducer } from 'react'
import type { Piece } from './highlight'

type Highlighter = typeof import('./highlight')

let highlighter: Highlighter | null = null

// More than this is shown without colors: some grammars take long for texts that are made to take long.
const longest = 10_000

/** Code in its colors; null: it has none, or they are not loaded yet. They do not change where anything stands. */
export function useColors(text: string, language: string): readonly Piece[] | null {
  const [loaded, draw] = useReducer((n: number) => n + 1, 0)
  const wanted = language !== '' && text.length <= longest
  useEffect(() => {
    if (!wanted || highlighter?.isLoaded(language)) return
    let here = true
    const load = async (): Promise<void> => {
      highlighter ??= await import('./highlight')
      if ((await highlighter.loadLanguage(language)) && here) draw()
    }
    // Without a connection it stays without colors.
    load().catch(() => undefined)
    return () => {
      here = false
    }
  }, [wanted, language])
  // oxlint-disable-next-line react/exhaustive-deps -- what is loaded is no state of React
  return useMemo(() => (wanted && highlighter?.isLoaded(language) ? highlighter.highlight(text, language) : null), [wanted, text, language, loaded])
}
