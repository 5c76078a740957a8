import { useEffect, useRef, useState } from 'react'
import type { Message } from '@/state/model'
import { messagesWithFiles } from './files-near'

const page = 21

/** The images of a chat around one of them; more are loaded as one comes near to either end. */
export function useGallery(first: Message): { current: Message; previous: (() => void) | null; next: (() => void) | null } {
  const [images, setImages] = useState([first])
  const [at, setAt] = useState(first.key)
  // Files of other kinds count as well: the ids at the ends of what was asked for.
  const ends = useRef<{ older: string | null; newer: string | null } | null>(null)
  const busy = useRef(false)

  const index = Math.max(0, images.findIndex((image) => image.key === at))

  useEffect(() => {
    if (first.id === null || busy.current) return
    const asked = ends.current
    const nearOlder = asked?.older && index === 0
    const nearNewer = asked?.newer && index === images.length - 1
    if (asked && !nearOlder && !nearNewer) return
    const where = !asked ? 'around' : nearOlder ? 'before' : 'after'
    const from = !asked ? first.id : nearOlder ? asked.older! : asked.newer!
    let left = false
    busy.current = true
    messagesWithFiles(first.chat, from, where, page)
      .then((found) => {
        if (left) return
        const oldest = found[0]?.id ?? null
        const newest = found.at(-1)?.id ?? null
        ends.current = {
          older: where === 'after' ? asked!.older : oldest === from && where === 'before' ? null : oldest,
          newer: where === 'before' ? asked!.newer : where === 'after' && found.length === 0 ? null : newest,
        }
        setImages((known) => merge(known, found.filter((message) => message.kind === 'image')))
      })
      // The loaded pictures stay; the next step tries again.
      .catch(() => {})
      .finally(() => {
        busy.current = false
      })
    return () => {
      left = true
      busy.current = false
    }
  }, [first, index, images.length])

  const step = (by: -1 | 1) => {
    const to = images[index + by]
    return to ? () => setAt(to.key) : null
  }
  return { current: images[index] ?? first, previous: step(-1), next: step(1) }
}

function merge(known: Message[], found: Message[]): Message[] {
  const ids = new Set(known.map((message) => message.id))
  const more = found.filter((message) => !ids.has(message.id))
  return more.length === 0 ? known : [...known, ...more].sort((a, b) => a.at - b.at)
}
