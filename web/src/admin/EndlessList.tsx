import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type ComponentType, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { Spinner } from '@/ui/Spinner'
import { Problem } from './Problem'
import type { Pages } from './usePages'

/** The next page is requested when this number of lines is left. */
const ahead = 20

interface Props<T> {
  label: string
  pages: Pages<T>
  keyOf: (item: T) => string
  /** Usual height of a line, in pixels. */
  height: number
  line: ComponentType<{ item: T }>
  /** Shown if the list is empty. */
  empty: ReactNode
}

/** A list of any length. It renders only the visible lines, and loads the next page before the end is reached. */
export function EndlessList<T>({ label, pages, keyOf, height, line: Line, empty }: Props<T>) {
  const { t } = useTranslation(['admin', 'ui'])
  const trouble = useTrouble(pages)
  const scroller = useRef<HTMLDivElement>(null)
  const items = pages.data?.pages.flatMap((p) => p.items) ?? []
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (i) => keyOf(items[i]!),
    overscan: 8,
  })
  const drawn = virtualizer.getVirtualItems()
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages
  const near = (drawn.at(-1)?.index ?? -1) >= items.length - ahead
  useEffect(() => {
    if (near && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [near, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage])

  if (trouble && !isFetchNextPageError) return <div className="p-4"><Problem trouble={trouble} /></div>
  if (pages.isPending) {
    return (
      <div className="flex flex-1 items-center justify-center">
        <Spinner label={t('ui:loading')} />
      </div>
    )
  }
  if (items.length === 0) return <div className="min-h-0 flex-1">{empty}</div>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable element must be reachable with the keyboard
    <div ref={scroller} tabIndex={0} aria-busy={pages.isPlaceholderData || undefined} className="min-h-0 flex-1 overflow-y-auto -outline-offset-2">
      <ul aria-label={label} className="relative mx-auto w-full max-w-5xl" style={{ height: virtualizer.getTotalSize() }}>
        {drawn.map(({ index, key, start }) => (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            className="absolute inset-x-0 top-0 border-b border-line"
            style={{ transform: `translateY(${start}px)`, minHeight: height }}
          >
            <Line item={items[index]!} />
          </li>
        ))}
      </ul>
      {isFetchNextPageError && (
        <p role="alert" className="sticky bottom-0 flex items-center gap-3 bg-raised p-3 text-danger">
          {refusal(pages.error)}
          <Button size="small" onClick={() => void fetchNextPage()}>
            {t('retry')}
          </Button>
        </p>
      )}
    </div>
  )
}
