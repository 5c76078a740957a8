import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { Message } from '@/state/model'
import { IconButton } from '@/ui/IconButton'
import { Menu } from '@/ui/Menu'
import { BubbleFrame } from './Bubble'
import { useRowActions } from './context'
import { Picture } from './ImageBody'
import { MessageText } from './MessageText'
import { albumColumns } from './pictures'
import { useSelection } from './selection'
import { menuOf } from './Toolbar'

/**
 * Several pictures that were sent in a row. Each stays a message of its own, with its menu, its keys and its place.
 * The caption of the last one stands below them, in the same bubble.
 */
export function Album({ messages, tail }: { messages: readonly Message[]; tail: boolean }) {
  const captioned = messages.at(-1)
  if (!captioned?.text) return <Grid messages={messages} />
  return (
    <BubbleFrame mine={captioned.mine} tail={tail}>
      <Grid messages={messages} />
      <div data-message={captioned.key} tabIndex={-1} className="mt-2 w-80 max-w-full outline-none">
        <MessageText text={captioned.text} mine={captioned.mine} />
      </div>
    </BubbleFrame>
  )
}

function Grid({ messages }: { messages: readonly Message[] }) {
  const { t } = useTranslation('message')
  const selected = useSelection((s) => s.key)
  return (
    <div
      role="group"
      aria-label={t('album', { count: messages.length })}
      className={cn('grid w-80 max-w-full gap-1', albumColumns(messages.length) === 2 ? 'grid-cols-2' : 'grid-cols-3')}
    >
      {messages.map((message) => (
        <Tile key={message.key} message={message} selected={message.key === selected} />
      ))}
    </div>
  )
}

function Tile({ message, selected }: { message: Message; selected: boolean }) {
  const { t } = useTranslation('message')
  const row = useRowActions()
  const [hovered, setHovered] = useState(false)
  const [menuOpen, setMenuOpen] = useState(false)
  return (
    <div
      data-message={message.key}
      data-selected={selected || undefined}
      tabIndex={-1}
      onPointerEnter={(event) => event.pointerType === 'mouse' && setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      className="relative aspect-square overflow-hidden rounded-lg bg-sunken outline-none"
    >
      <Picture message={message} cover />
      {(hovered || menuOpen || selected) && (
        <div className="absolute top-1 right-1 rounded-lg bg-raised shadow-sm">
          <Menu onOpenChange={setMenuOpen} trigger={<IconButton icon={Ellipsis} label={t('more')} size="small" tooltip={false} />} entries={menuOf(message, '', row, t)} />
        </div>
      )}
      {selected && <span aria-hidden className="pointer-events-none absolute inset-0 rounded-lg border-3 border-accent" />}
    </div>
  )
}
