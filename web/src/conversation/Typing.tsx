import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { chatRef, type ChatKey, type Typist } from '@/state/model'

/** Says who writes in a chat, in place of the second line of its header. `open`: somebody does. */
export default function Typing({ chat, typists }: { open: boolean; chat: ChatKey; typists: readonly Typist[] }) {
  const { t } = useTranslation('typing')
  const [first, second] = typists
  const all = !first ? '' : !second ? t('one', { name: first.name }) : typists.length === 2 ? t('two', { first: first.name, second: second.name }) : t('many', { count: typists.length })
  // The header has the name of the other one.
  const text = first && chatRef(chat).type === 1 ? t('direct') : all
  // Screen readers tell what changes in an element that was there before.
  const place = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    place.current!.textContent = all
  }, [all])
  return (
    <>
      {text && (
        <p aria-hidden dir="auto" className="truncate text-xs text-accent">
          {text}
        </p>
      )}
      <span ref={place} role="status" className="sr-only" />
    </>
  )
}
