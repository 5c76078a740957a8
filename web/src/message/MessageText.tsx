import { memo, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePreferences } from '@/app/preferences'
import { useStore } from '@/state/store'
import { useRowActions } from './context'
import { loadFormatter, useFormatter } from './formatter'
import { isMarked } from './marks'
import { emojiOnly, shortened, tokenize, type Token } from './text'

/** The text of a message: links, mentions, bracket emotions and, unless it is `plain`, formatting are shown as such; of a very long one only a part. */
export const MessageText = memo(function MessageText({ text, mine, plain = false }: { text: string; mine: boolean; plain?: boolean }) {
  const { t } = useTranslation('message')
  usePreferences((p) => p.formatting) // isMarked asks for it
  const marked = !plain && isMarked(text)
  const formatter = useFormatter((s) => (marked ? s.loaded : null))
  useEffect(() => {
    if (marked) void loadFormatter()
  }, [marked])
  const [whole, setWhole] = useState(false)
  const short = useMemo(() => shortened(text), [text])
  const shown = whole || short === null ? text : short
  const { names } = useRowActions()
  return (
    <div dir="auto" data-text className={formatter ? undefined : 'wrap-message'}>
      {formatter ? <formatter.Formatted text={shown} names={names} mine={mine} cut={shown !== text} /> : <Tokens text={shown} names={names} mine={mine} />}
      {short !== null && (
        <button type="button" className="mt-1 block font-medium text-accent hover:underline" onClick={() => setWhole(!whole)}>
          {whole ? t('showLess') : t('showAll')}
        </button>
      )}
    </div>
  )
})

const nobody: readonly string[] = []

/** A text with its links, mentions and emotions, for an element of the class `wrap-message`. `names` are those that may be called in it. */
export function Tokens({ text, names = nobody, mine = false }: { text: string; names?: readonly string[]; mine?: boolean }) {
  const myName = useStore((s) => s.me?.name ?? '')
  const tokens = useMemo(() => tokenize(text, myName, names), [text, myName, names])
  return tokens.map((token, i) => (
    // The tokens of a text never change places.
    // oxlint-disable-next-line react/no-array-index-key
    <Stretch key={i} token={token} mine={mine} />
  ))
}

export function Stretch({ token, mine }: { token: Token; mine: boolean }) {
  switch (token.kind) {
    case 'text':
      return token.text
    case 'link':
      return (
        <a dir="ltr" href={token.href} target="_blank" rel="noopener noreferrer" className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent">
          {token.text}
        </a>
      )
    case 'mention':
      return <bdi className={token.me && !mine ? 'rounded bg-highlight px-0.5 font-medium text-text' : 'text-accent'}>{token.text}</bdi>
  }
}

/** Up to three emoji and nothing else are shown large. */
export const isBigEmoji = (text: string): boolean => {
  const count = emojiOnly(text)
  return count > 0 && count <= 3
}
