import { Smile } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AllEmoji } from '@/composer/EmojiPicker'
import { fullTime } from '@/lib/time'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { NativeSelect } from '@/ui/NativeSelect'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'
import { toast, toastError } from '@/ui/toast'
import type { SetStatus } from '@/wire/wire.gen'

type End = 'never' | 'kept' | 'halfHour' | 'hour' | 'fourHours' | 'today' | 'week'

const minute = 60_000

/** When a status that is set now ends; undefined: never. */
function endOf(end: End, kept: number | undefined): number | undefined {
  const now = Date.now()
  const midnight = (days: number): number => {
    const at = new Date(now)
    at.setHours(24 * days, 0, 0, 0)
    return at.getTime()
  }
  switch (end) {
    case 'never':
      return undefined
    case 'kept':
      return kept
    case 'halfHour':
      return now + 30 * minute
    case 'hour':
      return now + 60 * minute
    case 'fourHours':
      return now + 240 * minute
    case 'today':
      return midnight(1)
    case 'week':
      // To the end of Sunday.
      return midnight(((7 - new Date(now).getDay()) % 7) + 1)
  }
}

/** What one says about oneself to one's contacts. */
export default function StatusDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t, i18n } = useTranslation('availability')
  const me = useStore((s) => s.me?.id ?? '')
  const now = useStore((s) => s.availability[me]?.status)
  const [emoji, setEmoji] = useState(now?.emoji ?? '')
  const [text, setText] = useState(now?.text ?? '')
  const [quiet, setQuiet] = useState(now?.quiet ?? false)
  const [end, setEnd] = useState<End>(now?.until ? 'kept' : 'never')
  const [choosing, setChoosing] = useState(false)
  const [busy, setBusy] = useState(false)
  const set = async (status: SetStatus, done: string): Promise<void> => {
    setBusy(true)
    try {
      await actions().setStatus(status)
      onOpenChange(false)
      toast(done)
    } catch (error) {
      toastError(error)
    } finally {
      setBusy(false)
    }
  }
  const save = (): void => {
    const until = endOf(end, now?.until)
    const said = { ...(emoji && { emoji }), ...(text.trim() && { text: text.trim() }), ...(quiet && { quiet }) }
    void set(Object.keys(said).length > 0 && until ? { ...said, until } : said, t(Object.keys(said).length > 0 ? 'saved' : 'cleared'))
  }
  const ends: End[] = ['never', ...(now?.until ? (['kept'] as const) : []), 'halfHour', 'hour', 'fourHours', 'today', 'week']
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title')}
      description={t('description')}
      footer={
        <>
          {now && (
            <Button disabled={busy} onClick={() => void set({}, t('cleared'))}>
              {t('clear')}
            </Button>
          )}
          <Button kind="primary" disabled={busy} onClick={save}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) save()
        }}
      >
        <div className="flex items-end gap-2">
          <button
            type="button"
            aria-label={emoji ? t('emojiIs', { emoji }) : t('emoji')}
            aria-expanded={choosing}
            onClick={() => setChoosing(!choosing)}
            className="flex size-9 shrink-0 items-center justify-center rounded-lg border border-field bg-ground font-emoji text-lg"
          >
            {emoji || <Smile aria-hidden className="size-5 text-muted" />}
          </button>
          <TextField label={t('text')} value={text} onValueChange={setText} maxLength={100} placeholder={t('placeholder')} className="min-w-0 flex-1" />
        </div>
        {choosing && (
          <div className="min-h-80">
            {emoji && (
              <Button
                size="small"
                onClick={() => {
                  setEmoji('')
                  setChoosing(false)
                }}
              >
                {t('noEmoji')}
              </Button>
            )}
            <AllEmoji
              onPick={(picked) => {
                setEmoji(picked)
                setChoosing(false)
              }}
            />
          </div>
        )}
        <Switch label={t('quiet')} hint={t('quietHint')} checked={quiet} onCheckedChange={setQuiet} />
        <NativeSelect label={t('ends')} value={end} onValueChange={setEnd} options={ends.map((value) => ({ value, label: value === 'kept' ? t('end.kept', { time: fullTime(now?.until ?? 0, i18n.language) }) : t(`end.${value}`) }))} />
      </form>
    </Dialog>
  )
}
