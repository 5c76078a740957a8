import { Copy } from 'lucide-react'
import { Fragment, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { loadTexts } from '@/i18n'
import { cn } from '@/lib/cn'
import { useStore } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { toast, toastError } from '@/ui/toast'
import { Stretch, Tokens } from '../MessageText'
import { type Block, type Inline, parse } from './parse'
import { useColors } from './useColors'

export { parse }

export const loadOwnTexts = () => loadTexts('format')

interface Props {
  text: string
  names: readonly string[]
  mine: boolean
  /** It is the beginning of a longer text. */
  cut?: boolean
}

/**
 * A text with its formatting. Everything is made of these elements: nothing in a text becomes HTML, and nothing is loaded
 * but the colors of code, from this client.
 */
export function Formatted({ text, names, mine, cut = false }: Props) {
  const myName = useStore((s) => s.me?.name ?? '')
  const blocks = useMemo(() => parse(text, { myName, names, cut }), [text, myName, names, cut])
  if (!blocks)
    return (
      <div dir="auto" className="wrap-message">
        <Tokens text={text} names={names} mine={mine} />
      </div>
    )
  return <Blocks blocks={blocks} mine={mine} outer />
}

/**
 * The direction of an outer block is that of its letters, and everything in it has it, too: bullets and the lines of quotes
 * are on the side where reading begins. The line ends between blocks are not shown. They are there for what is copied.
 */
function Blocks({ blocks, mine, outer = false }: { blocks: readonly Block[]; mine: boolean; outer?: boolean }) {
  const dir = outer ? 'auto' : undefined
  return blocks.map((block, i) => {
    const space = cn(i > 0 && (block.gap ? 'mt-[1lh]' : (block.kind !== 'paragraph' || blocks[i - 1]!.kind !== 'paragraph') && 'mt-1'))
    return (
      // oxlint-disable-next-line react/no-array-index-key -- the blocks of a text never change places
      <Fragment key={i}>
        {i > 0 && '\n'}
        {block.kind === 'paragraph' ? (
          <p dir={dir} className={cn('wrap-message', space)}>
            <Inlines content={block.content} mine={mine} />
          </p>
        ) : block.kind === 'code' ? (
          <CodeBlock language={block.language} text={block.text} className={space} />
        ) : block.kind === 'quote' ? (
          <blockquote dir={dir} className={cn('border-s-2 border-accent ps-3 text-text/80', space)}>
            <Blocks blocks={block.content} mine={mine} />
          </blockquote>
        ) : (
          <List dir={dir} block={block} mine={mine} className={space} />
        )}
      </Fragment>
    )
  })
}

function List({ block: { ordered, items }, dir, mine, className }: { block: Block & { kind: 'list' }; dir?: 'auto' | undefined; mine: boolean; className: string }) {
  const Element = ordered ? 'ol' : 'ul'
  return (
    <Element dir={dir} className={cn(ordered ? 'list-decimal ps-8' : 'list-disc ps-5', className)}>
      {items.map(({ number, gap, content }, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- the items of a text never change places
        <Fragment key={i}>
          {i > 0 && '\n'}
          <li value={ordered ? number : undefined} className={gap ? 'mt-[1lh]' : undefined}>
            <Blocks blocks={content} mine={mine} />
          </li>
        </Fragment>
      ))}
    </Element>
  )
}

const elements = { strong: 'strong', em: 'em', struck: 's' } as const

function Inlines({ content, mine, inLink = false }: { content: readonly Inline[]; mine: boolean; inLink?: boolean }) {
  // oxlint-disable-next-line react/no-array-index-key -- the parts of a text never change places
  return content.map((part, i) => <Part key={i} part={part} mine={mine} inLink={inLink} />)
}

function Part({ part, mine, inLink }: { part: Inline; mine: boolean; inLink: boolean }) {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'span':
      // There is no link inside of another.
      return inLink ? part.span.token.text : <Stretch token={part.span.token} mine={mine} />
    case 'code':
      return (
        <code dir="auto" className="rounded bg-ground box-decoration-clone px-1 font-mono text-[0.9em]">
          {part.text}
        </code>
      )
    case 'link':
      return (
        <a dir="auto" href={part.href} title={part.href} target="_blank" rel="noopener noreferrer" className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent">
          <Inlines content={part.content} mine={mine} inLink />
        </a>
      )
    default: {
      const Element = elements[part.kind]
      return (
        <Element className={part.kind === 'strong' ? 'font-semibold' : undefined}>
          <Inlines content={part.content} mine={mine} inLink={inLink} />
        </Element>
      )
    }
  }
}

/** Long lines are broken: something that scrolls would be in the way of the list, and of the keyboard. */
function CodeBlock({ language, text, className }: { language: string; text: string; className: string }) {
  const { t } = useTranslation('format')
  const pieces = useColors(text, language)
  const copy = () => void navigator.clipboard.writeText(text).then(() => toast(t('copied'), 'success'), toastError)
  return (
    <pre
      dir="ltr"
      data-language={language || undefined}
      className={cn(
        'group/code wrap-message min-h-9 rounded-lg bg-ground px-3 py-2 font-mono text-[0.85em]',
        language && 'before:block before:font-sans before:text-xs before:text-muted before:content-[attr(data-language)]',
        className,
      )}
    >
      <IconButton
        icon={Copy}
        label={t('copyCode')}
        size="small"
        onClick={copy}
        className={cn('float-right -mt-1 -mr-2 ml-1 font-sans opacity-0 group-hover/code:opacity-100 focus-visible:opacity-100', language && 'relative -top-4')}
      />
      <code>
        {pieces?.map(({ text: piece, color }, i) =>
          color ? (
            // oxlint-disable-next-line react/no-array-index-key -- the pieces of a text never change places
            <span key={i} className={color}>
              {piece}
            </span>
          ) : (
            piece
          ),
        ) ?? text}
      </code>
    </pre>
  )
}
