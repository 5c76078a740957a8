import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { askPermission, permission } from '@/app/notify/desktop'
import { ring } from '@/app/notify/sound'
import { setPreferences, usePreferences } from '@/app/preferences'
import { Button } from '@/ui/Button'
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
        <div className="mb-4 flex items-center gap-4 rounded-lg border border-line bg-sunken px-4 py-3 text-sm">
          <p className="min-w-0 flex-1">{t(`permission.${allowed}`)}</p>
          {allowed === 'default' && (
            <Button kind="primary" size="small" onClick={() => void ask()}>
              {t('allow')}
            </Button>
          )}
        </div>
      )}
      <Switch label={t('desktop')} checked={desktop && allowed === 'granted'} disabled={allowed !== 'granted'} onCheckedChange={(on) => setPreferences({ desktop: on })} />
      <Switch label={t('preview')} hint={t('previewHint')} checked={preview} onCheckedChange={(on) => setPreferences({ preview: on })} />
      <Switch label={t('sound')} checked={sound} onCheckedChange={(on) => setPreferences({ sound: on })} />
      <Button kind="link" className="text-sm" onClick={ring}>
        {t('tryOut')}
      </Button>
      <h2 className="mt-6 mb-1 font-semibold">{t('quiet')}</h2>
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
      <p className="mt-6 text-sm text-muted">{t('deviceOnly')}</p>
    </>
  )
}
