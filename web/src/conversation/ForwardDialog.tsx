import { Search } from 'lucide-react'
import { useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { oneLine } from '@/message/preview'
import { chatRef, fileTransfer, isInbox, type ChatKey, type Message } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'

const most = 10
const shown = 100

/** Chooses the chats that a message is sent on to. */
export default function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('conversation')
  const { t: tm } = useTranslation('message')
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<ChatKey[]>([])
  const found = useTargets(query)
  const names = useId()
  const send = () => {
    actions().forward(message, chosen)
    toast(t('forwarded', { count: chosen.length }), 'success')
    onClose()
  }
  const toggle = (key: ChatKey) => setChosen((keys) => (keys.includes(key) ? keys.filter((other) => other !== key) : [...keys, key]))
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
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- one begins by searching */}
      <TextField label={t('findChat')} hideLabel placeholder={t('findChat')} icon={<Search aria-hidden className="size-4" />} value={query} onValueChange={setQuery} autoFocus className="mb-2" />
      <div role="group" aria-labelledby={names} className="min-h-48">
        <span id={names} className="sr-only">
          {t('chats')}
        </span>
        {found.map(({ key, name, avatar }) => (
          <label key={key} className="flex cursor-pointer items-center gap-3 rounded-lg px-2 py-1.5 hover:bg-hover has-focus-visible:bg-hover">
            <input
              type="checkbox"
              checked={chosen.includes(key)}
              disabled={!chosen.includes(key) && chosen.length >= most}
              onChange={() => toggle(key)}
              className="size-4 accent-accent-solid"
            />
            <Avatar name={name} src={avatar} seed={chatRef(key).id} group={chatRef(key).type === 2} size="small" />
            <span className="min-w-0 flex-1 truncate">{name}</span>
          </label>
        ))}
        {found.length === 0 && <p className="py-8 text-center text-sm text-muted">{t('noChatFound')}</p>}
      </div>
    </Dialog>
  )
}

function useTargets(query: string) {
  const { t } = useTranslation('conversation')
  const chats = useStore((s) => s.chats)
  const order = useStore((s) => s.order)
  const myDevices = t('myDevices')
  return useMemo(() => {
    const wanted = query.trim().toLocaleLowerCase()
    const devices = { key: `1:${fileTransfer}`, name: myDevices, avatar: '' }
    const all = order
      .map((key) => chats[key])
      .filter((chat) => chat !== undefined && chat.active && !isInbox(chat.ref.type) && chat.ref.id !== fileTransfer)
      .map((chat) => ({ key: chat!.key, name: chat!.name, avatar: chat!.avatar }))
    return [...all, devices].filter(({ name }) => name.toLocaleLowerCase().includes(wanted)).slice(0, shown)
  }, [chats, order, query, myDevices])
}
