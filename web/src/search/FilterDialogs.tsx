import { useDeferredValue, useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { useMembers } from '@/group/queries'
import { isComposing } from '@/lib/composing'
import { plain } from '@/lib/plain'
import { chatRef, fileTransfer, isInbox, type ChatKey } from '@/state/model'
import { useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { ChooserField } from '@/ui/ChooserField'
import { ChooserOption } from '@/ui/ChooserOption'
import { Dialog } from '@/ui/Dialog'
import { usePick } from '@/ui/usePick'
import type { Filters } from './filters'
import { fit } from './match'
import { useTargets } from './useTargets'

interface Choice {
  id: string
  name: string
  about?: string | undefined
  picture: ReactNode
}

interface DialogProps<Part extends keyof Filters> {
  onPick: (chosen: NonNullable<Filters[Part]>) => void
  onClose: () => void
}

/** How many are listed. More are found by typing. */
const most = 50

/** Chooses one chat. */
export function ChatFilterDialog({ onPick, onClose }: DialogProps<'chat'>) {
  const { t } = useTranslation('search')
  const [text, setText] = useState('')
  const { targets, settled } = useTargets(text, { most })
  const choices = targets
    .filter(({ chat }) => !isInbox(chat.ref.type))
    .map(({ key, title, about, chat }): Choice => ({ id: key, name: title, about, picture: <ChatAvatar chat={chat} size="small" /> }))
  return (
    <Chooser
      title={t('filter.chatChoose')}
      placeholder={t('goToPlaceholder')}
      none={t('filter.noChat')}
      text={text}
      onText={setText}
      choices={choices}
      settled={settled}
      onPick={({ id, name }) => onPick({ id: id as ChatKey, name })}
      onClose={onClose}
    />
  )
}

/** Chooses a sender: of a chat one of those who are in it, else anybody. */
export function SenderFilterDialog({ chat, ...rest }: DialogProps<'from'> & { chat: ChatKey | undefined }) {
  if (!chat) return <PeopleDialog {...rest} />
  const { type, id } = chatRef(chat)
  return type === 2 ? <MemberDialog group={id} {...rest} /> : <PairDialog chat={chat} {...rest} />
}

/** Chooses oneself, one of the chats' people, or one who is found by name. */
function PeopleDialog(props: DialogProps<'from'>) {
  const [text, setText] = useState('')
  const myself = useMyself(text)
  const { targets, settled } = useTargets(text, { most })
  const people = targets
    .filter(({ chat: { ref } }) => ref.type === 1 && ref.id !== fileTransfer && ref.id !== myself.id)
    .map(({ title, about, chat }): Choice => ({ id: chat.ref.id, name: title, about, picture: <ChatAvatar chat={chat} size="small" /> }))
  return <SenderChooser text={text} onText={setText} choices={[...myself.choices, ...people]} settled={settled} {...props} />
}

/** Chooses one of the two in a direct chat. */
function PairDialog({ chat: key, ...rest }: DialogProps<'from'> & { chat: ChatKey }) {
  const [text, setText] = useState('')
  const title = useChatTitle()
  const chat = useStore((s) => s.chats[key])
  const myself = useMyself(text)
  const other = chat && chat.ref.id !== fileTransfer && (text.trim() === '' || fit(title(chat), text) > 0) ? chat : null
  const choices = other ? [...myself.choices, { id: other.ref.id, name: title(other), picture: <ChatAvatar chat={other} size="small" /> }] : myself.choices
  return <SenderChooser text={text} onText={setText} choices={choices} settled {...rest} />
}

function MemberDialog({ group, ...rest }: DialogProps<'from'> & { group: string }) {
  const [text, setText] = useState('')
  const myself = useMyself(text)
  const query = useDeferredValue(text.trim())
  const members = useMembers(group, query)
  const others = (members.data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter(({ person }) => person.id !== myself.id)
    .map(({ person }): Choice => ({ id: person.id, name: plain(person.name), about: person.email, picture: <Avatar name={person.name} src={person.avatar} seed={person.id} size="small" /> }))
  return (
    <SenderChooser text={text} onText={setText} choices={[...myself.choices, ...others]} settled={query === text.trim() && members.isSuccess && !members.isPlaceholderData} {...rest} />
  )
}

/** Oneself as a choice, while the text fits. */
function useMyself(text: string): { id: string; choices: Choice[] } {
  const { t } = useTranslation('search')
  const me = useStore((s) => s.me)
  if (!me) return { id: '', choices: [] }
  const name = plain(me.name)
  const fits = text.trim() === '' || fit(name, text) > 0 || fit(t('filter.me'), text) > 0
  return { id: me.id, choices: fits ? [{ id: me.id, name, about: t('filter.me'), picture: <Avatar name={name} src={me.avatar} seed={me.id} size="small" /> }] : [] }
}

type SenderProps = Pick<ChooserProps, 'text' | 'onText' | 'choices' | 'settled' | 'onPick' | 'onClose'>

function SenderChooser(props: SenderProps) {
  const { t } = useTranslation('search')
  return <Chooser title={t('filter.fromChoose')} placeholder={t('filter.fromPlaceholder')} none={t('filter.noPerson')} {...props} />
}

interface ChooserProps {
  title: string
  placeholder: string
  /** Said when nothing fits. */
  none: string
  text: string
  onText: (text: string) => void
  choices: readonly Choice[]
  /** The choices are those of the text. */
  settled: boolean
  onPick: (chosen: { id: string; name: string }) => void
  onClose: () => void
}

/** A window with a list, in which one is picked. */
function Chooser({ title, placeholder, none, text, onText, choices, settled, onPick, onClose }: ChooserProps) {
  const list = useId()
  const [at, setAt] = useState(-1)
  const take = ({ id, name }: Choice): void => {
    onPick({ id, name })
    onClose()
  }
  // After typing, Enter picks the first choice, unless the arrow keys have selected another one.
  const { enter, typed } = usePick(settled, () => {
    const choice = choices[at] ?? (text.trim() ? choices[0] : undefined)
    if (choice) take(choice)
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      const next = Math.max(0, Math.min(choices.length - 1, at + step))
      setAt(next)
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter') enter(settled || at >= 0)
    else return
    event.preventDefault()
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      <div className="flex min-h-0 flex-col gap-2 pb-3">
        <ChooserField
          label={title}
          placeholder={placeholder}
          list={list}
          active={choices[at] ? `${list}-${at}` : undefined}
          expanded={choices.length > 0}
          value={text}
          onValueChange={(value) => {
            onText(value)
            setAt(-1)
            typed()
          }}
          onKeyDown={onKeyDown}
        />
        <div tabIndex={-1} className="h-80 min-h-0 overflow-y-auto rounded-lg border border-line">
          <div id={list} role="listbox" aria-label={title}>
            {choices.map((choice, i) => (
              <ChooserOption
                key={choice.id}
                id={`${list}-${i}`}
                name={choice.name}
                about={choice.about}
                picture={choice.picture}
                active={i === at}
                fixed={false}
                onToggle={() => take(choice)}
              />
            ))}
          </div>
          {settled && choices.length === 0 && (
            <p role="status" className="p-6 text-center text-sm text-muted">
              {none}
            </p>
          )}
        </div>
      </div>
    </Dialog>
  )
}
