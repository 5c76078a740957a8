import { CheckCheck, Copy, Download, Ellipsis, Forward, type LucideIcon, MessageSquareDot, MessagesSquare, Pencil, Pin, PinOff, Reply, RotateCw, Smile, SmilePlus, Trash2, Undo2 } from 'lucide-react'
import type { TFunction } from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { Menu, type MenuEntries } from '@/ui/Menu'
import { toastError } from '@/ui/toast'
import { type Command, keyOf } from './commands'
import { type RowActions, useRowActions } from './context'
import { bare, quickReactions } from './quickReactions'
import { ReactionPicker } from './ReactionPicker'
import { useSelectedIn } from './selected'

const icons: Record<Command, LucideIcon> = { react: SmilePlus, reply: Reply, thread: MessagesSquare, forward: Forward, copy: Copy, download: Download, edit: Pencil, reactions: Smile, readers: CheckCheck, pin: Pin, unpin: PinOff, unread: MessageSquareDot, withdraw: Undo2, retry: RotateCw, discard: Trash2 }

/** Copying takes the selection inside the message, if there is one. */
const labelOf = (command: Command, selected: string, t: TFunction<'message'>): string => t(command === 'copy' && selected ? 'copySelection' : `command.${command}`)

/** What can be done with a message, as the entries of a menu. `selected` is the text that is selected inside the message. */
export function menuOf(message: Message, selected: string, { commands, run }: RowActions, t: TFunction<'message'>): MenuEntries {
  return commands(message).map((command) => ({
    icon: icons[command],
    label: labelOf(command, selected, t),
    keys: keyOf[command],
    danger: command === 'withdraw' || command === 'discard',
    onSelect: () => run(command, message, selected),
  }))
}

/** The buttons that appear at a message under the pointer, and at the one that is selected. */
export function Toolbar({ message, onMenu }: { message: Message; onMenu: (open: boolean) => void }) {
  const { t } = useTranslation('message')
  const row = useRowActions()
  const selected = useSelectedIn(message.key)
  // They stay in their places while the toolbar is shown.
  const [quick] = useState(quickReactions)
  const offered = row.commands(message)
  if (offered.length === 0) return null
  const reacts = offered.includes('react')
  const direct = offered.filter((command) => command !== 'react').slice(0, reacts ? 1 : 3)
  return (
    <div role="toolbar" aria-label={t('toolbar')} className="flex rounded-lg border border-line bg-raised p-0.5 shadow-sm">
      {reacts && quick.map((emoji) => <QuickReaction key={emoji} message={message} emoji={emoji} />)}
      {reacts && <ReactionPicker message={message} icon={SmilePlus} onOpenChange={onMenu} />}
      {direct.map((command) => (
        <IconButton key={command} icon={icons[command]} label={labelOf(command, selected, t)} keys={keyOf[command]} size="small" onClick={() => row.run(command, message, selected)} />
      ))}
      {offered.length > direct.length + (reacts ? 1 : 0) && (
        <Menu onOpenChange={onMenu} trigger={<IconButton icon={Ellipsis} label={t('more')} size="small" tooltip={false} />} entries={menuOf(message, selected, row, t)} />
      )}
    </div>
  )
}

function QuickReaction({ message, emoji }: { message: Message; emoji: string }) {
  const { t } = useTranslation('message')
  const mine = message.reactions?.some((reaction) => reaction.mine && bare(reaction.emoji) === bare(emoji)) ?? false
  return (
    <button
      type="button"
      aria-pressed={mine}
      aria-label={t('reactWith', { emoji })}
      title={t('reactWith', { emoji })}
      onClick={() => void actions().react(message, emoji, !mine).catch(toastError)}
      className="size-7 rounded-lg font-emoji text-base hover:bg-hover aria-pressed:bg-selected"
    >
      {emoji}
    </button>
  )
}
