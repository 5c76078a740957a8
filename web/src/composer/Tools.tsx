import { Link2, MapPin, Mic, Paperclip, Plus, Smile, Vibrate, AtSign, Type } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Mark } from '@/app/keys/shortcuts'
import { setPreferences, usePreferences } from '@/app/preferences'
import { byFinger } from '@/lib/pointer'
import { chatRef, fileTransfer, type ChatKey } from '@/state/model'
import { actions } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { Menu } from '@/ui/Menu'
import { Popover } from '@/ui/Popover'
import { toast, toastError } from '@/ui/toast'
import { onDemand } from '@/ui/onDemand'

const EmojiPicker = onDemand(() => import('./EmojiPicker'))
const LocationDialog = onDemand(() => import('./LocationDialog'))
const FormatBar = onDemand<{ onMark: (mark: Mark) => void }>(() => import('./formatting').then((m) => m.loadBar()))
const CardDialog = onDemand(() => import('./CardDialog'))

interface Props {
  chat: ChatKey
  isGroup: boolean
  /** Below the field of a thread: only what can be part of an answer with text. */
  inThread?: boolean | undefined
  insert: (text: string) => void
  onFiles: (files: File[]) => void
  onRecord: () => void
  onMark: (mark: Mark) => void
}

/** What can be sent besides text. */
export function Tools({ chat, isGroup, inThread = false, insert, onFiles, onRecord, onMark }: Props) {
  const { t } = useTranslation('composer')
  const [emoji, setEmoji] = useState(false)
  const [dialog, setDialog] = useState<'location' | 'card' | null>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const formatting = usePreferences((p) => p.formatting)
  const bar = usePreferences((p) => p.formatBar)
  const canShake = !isGroup && !inThread && chatRef(chat).id !== fileTransfer
  const shake = () => actions().shake(chat).then(() => toast(t('shaken')), toastError)
  return (
    <>
      {formatting && bar && <FormatBar onMark={onMark} />}
      <div role="toolbar" aria-label={t('tools')} className="flex items-center gap-0.5 pt-1">
        <Popover
          label={t('emoji')}
          open={emoji}
          onOpenChange={setEmoji}
          trigger={<IconButton icon={Smile} label={t('emoji')} size="tool" />}
          className="w-[22rem]"
        >
          <div className="min-h-96">
            <EmojiPicker
              onPick={(text, stay) => {
                insert(text)
                if (!stay) setEmoji(false)
              }}
            />
          </div>
        </Popover>
        <IconButton icon={Paperclip} label={t('attach')} size="tool" onClick={() => chooser.current?.click()} />
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label={t('attach')}
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
        {formatting && <IconButton icon={Type} label={t('format')} size="tool" pressed={bar} onClick={() => setPreferences({ formatBar: !bar })} />}
        {isGroup && <IconButton icon={AtSign} label={t('mention')} size="tool" onClick={() => insert('@')} />}
        {!inThread && <IconButton icon={Mic} label={t('record')} size="tool" onClick={onRecord} />}
        {canShake && <IconButton icon={Vibrate} label={t('shake')} size="tool" onClick={() => void shake()} />}
        {!inThread && (
          <Menu
            align="start"
            side="top"
            trigger={<IconButton icon={Plus} label={t('more')} size="tool" tooltip={false} />}
            entries={[
              { icon: MapPin, label: t('location'), onSelect: () => setDialog('location') },
              { icon: Link2, label: t('card'), onSelect: () => setDialog('card') },
            ]}
          />
        )}
        {dialog === 'location' && <LocationDialog chat={chat} onClose={() => setDialog(null)} />}
        {dialog === 'card' && <CardDialog chat={chat} onClose={() => setDialog(null)} />}
        {!byFinger() && <span className="ml-auto hidden text-xs whitespace-nowrap text-muted @xl:block">{t('hint')}</span>}
      </div>
    </>
  )
}
