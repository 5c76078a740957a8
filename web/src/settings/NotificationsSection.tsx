import { BellRing } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { askPermission, permission } from '@/app/notify/desktop'
import { ring } from '@/app/notify/sound'
import { setPreferences, usePreferences } from '@/app/preferences'
import { Button } from '@/ui/Button'
import { Card, Note } from '@/ui/Card'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'

/** What rings and when, on this device. */
export default function NotificationsSection() {
  const { t } = useTranslation('settings')
  const { desktop, sound, preview, quiet } = usePreferences()
  const [allowed, setAllowed] = useState(permission)
  const ask = async (): Promise<void> => setAllowed(await askPermission())
  return (
    <>
      {allowed !== 'granted' && (
        <Card className="flex items-center gap-4 py-3 text-sm sm:py-3">
          <BellRing aria-hidden className="size-5 shrink-0 text-muted" />
          <p className="min-w-0 flex-1">{t(`permission.${allowed}`)}</p>
          {allowed === 'default' && (
            <Button kind="primary" size="small" onClick={() => void ask()}>
              {t('allow')}
            </Button>
          )}
        </Card>
      )}
      <Card className="divide-y divide-line py-2 sm:py-2">
        <Switch label={t('desktop')} checked={desktop && allowed === 'granted'} disabled={allowed !== 'granted'} onCheckedChange={(on) => setPreferences({ desktop: on })} />
        <Switch label={t('preview')} hint={t('previewHint')} checked={preview} onCheckedChange={(on) => setPreferences({ preview: on })} />
        <Switch label={t('sound')} checked={sound} onCheckedChange={(on) => setPreferences({ sound: on })} />
        <div className="py-3">
          <Button kind="link" className="text-sm" onClick={ring}>
            {t('tryOut')}
          </Button>
        </div>
      </Card>
      <Card title={t('quiet')} className="pt-2">
        <Switch label={t('quietOn')} hint={t('quietHint')} checked={quiet.on} onCheckedChange={(on) => setPreferences({ quiet: { ...quiet, on } })} />
        <div className="mt-2 flex gap-4">
          <TextField
            label={t('quietFrom')}
            type="time"
            disabled={!quiet.on}
            value={quiet.from}
            onValueChange={(from) => from && setPreferences({ quiet: { ...quiet, from } })}
          />
          <TextField
            label={t('quietUntil')}
            type="time"
            disabled={!quiet.on}
            value={quiet.until}
            onValueChange={(until) => until && setPreferences({ quiet: { ...quiet, until } })}
          />
        </div>
      </Card>
      <Note>{t('deviceOnly')}</Note>
    </>
  )
}
