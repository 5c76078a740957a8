import { type KeyboardEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { isComposing } from '@/lib/composing'
import { oneLine } from '@/message/preview'
import { type Target, useTargets } from '@/search/useTargets'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { Button } from '@/ui/Button'
import { ChooserField } from '@/ui/ChooserField'
import { ChooserOption } from '@/ui/ChooserOption'
import { Dialog } from '@/ui/Dialog'
import { toast } from '@/ui/toast'
import { usePick } from '@/ui/usePick'

const most = 10
const shown = 50

/** Chooses the people and groups to whom a message is sent on. */
export default function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('conversation')
  const { t: tm } = useTranslation('message')
  const [chosen, setChosen] = useState<Target[]>([])
  const send = () => {
    for (const { key, chat } of chosen) actions().ensureChat(key, chat.name, chat.avatar)
    actions().forward(
      message,
      chosen.map(({ key }) => key),
    )
    toast(t('forwarded', { count: chosen.length }), 'success')
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('forward')}
      description={oneLine(message, tm).slice(0, 120)}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={chosen.length === 0} onClick={send}>
            {chosen.length > 0 ? t('forwardTo', { count: chosen.length }) : t('forward')}
          </Button>
        </>
      }
    >
      <TargetPicker chosen={chosen} onChange={setChosen} />
    </Dialog>
  )
}

function TargetPicker({ chosen, onChange }: { chosen: Target[]; onChange: (chosen: Target[]) => void }) {
  const { t } = useTranslation('conversation')
  const list = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(-1)
  const { targets, settled } = useTargets(text, { most: shown, writable: true })
  const full = chosen.length >= most
  const isChosen = (key: string) => chosen.some((other) => other.key === key)
  const unpick = (key: string) => onChange(chosen.filter((other) => other.key !== key))
  const toggle = (target: Target) => {
    if (isChosen(target.key)) unpick(target.key)
    else if (!full) {
      onChange([...chosen, target])
      setText('')
      setAt(-1)
    }
  }
  // Of what was typed the first option is meant, unless the keys have reached another one.
  const pick = () => {
    const target = targets[at] ?? (text.trim() ? targets[0] : undefined)
    if (target) toggle(target)
  }
  const { enter, typed } = usePick(settled, pick)
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      const next = Math.max(0, Math.min(targets.length - 1, at + step))
      setAt(next)
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter') {
      enter(settled || at >= 0)
    } else if (event.key === 'Backspace' && text === '' && chosen.length > 0) unpick(chosen.at(-1)!.key)
    else return
    event.preventDefault()
  }
  return (
    <div className="flex min-h-0 flex-col gap-2">
      <ChooserField
        label={t('findChat')}
        placeholder={t('findChat')}
        chosen={chosen.map(({ key, title, about }) => ({ key, name: title, about }))}
        onUnpick={unpick}
        list={list}
        active={targets[at] ? `${list}-${at}` : undefined}
        expanded={targets.length > 0}
        value={text}
        onValueChange={(value) => {
          setText(value)
          setAt(-1)
          typed()
        }}
        onKeyDown={onKeyDown}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- one begins by searching
        autoFocus
      />
      <div tabIndex={-1} className="h-80 min-h-0 overflow-y-auto rounded-lg border border-line">
        <div id={list} role="listbox" aria-label={t('chats')} aria-multiselectable>
          {targets.map((target, i) => {
            const on = isChosen(target.key)
            return (
              <ChooserOption
                key={target.key}
                id={`${list}-${i}`}
                name={target.title}
                about={target.about}
                picture={<ChatAvatar chat={target.chat} size="small" />}
                chosen={on}
                active={i === at}
                fixed={!on && full}
                onToggle={() => toggle(target)}
              />
            )
          })}
        </div>
        {settled && targets.length === 0 && <p className="p-6 text-center text-sm text-muted">{t('noChatFound')}</p>}
      </div>
    </div>
  )
}
