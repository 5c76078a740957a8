import { memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { emojiOnly, shortened, tokenize, type Token } from './text'

/** The text of a message: links, mentions and bracket emotions are shown as such, a very long one in part. */
export const MessageText = memo(function MessageText({ text, myName }: { text: string; myName: string }) {
  const { t } = useTranslation('message')
  const [whole, setWhole] = useState(false)
  const short = useMemo(() => shortened(text), [text])
  const shown = whole || short === null ? text : short
  const tokens = useMemo(() => tokenize(shown, myName), [shown, myName])
  return (
    <div className="break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
      {tokens.map((token, i) => (
        // The tokens of a text never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <Stretch key={i} token={token} />
      ))}
      {short !== null && (
        <button type="button" className="mt-1 block font-medium text-accent hover:underline" onClick={() => setWhole(!whole)}>
          {whole ? t('showLess') : t('showAll')}
        </button>
      )}
    </div>
  )
})

function Stretch({ token }: { token: Token }) {
  switch (token.kind) {
    case 'text':
      return token.text
    case 'link':
      return (
        <a href={token.href} target="_blank" rel="noopener noreferrer" className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent">
          {token.text}
        </a>
      )
    case 'mention':
      return <span className={cn('text-accent', token.me && 'rounded bg-highlight px-0.5 font-medium text-text')}>{token.text}</span>
  }
}

/** Up to three emoji and nothing else are shown large. */
export const isBigEmoji = (text: string): boolean => {
  const count = emojiOnly(text)
  return count > 0 && count <= 3
}
