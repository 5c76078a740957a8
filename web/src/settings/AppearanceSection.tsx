import { useTranslation } from 'react-i18next'
import { setPreferences, usePreferences } from '@/app/preferences'
import { languageNames, languages, setLanguage, type Language } from '@/i18n'
import { Card, Note } from '@/ui/Card'
import { Select } from '@/ui/Select'
import { Switch } from '@/ui/Switch'
import { toastError } from '@/ui/toast'

/** Language, colours and how messages are shown, of this device. */
export default function AppearanceSection() {
  const { t, i18n } = useTranslation('settings')
  const theme = usePreferences((p) => p.theme)
  const formatting = usePreferences((p) => p.formatting)
  const themes = ['system', 'light', 'dark'] as const
  return (
    <>
      <Card className="divide-y divide-line py-2 sm:py-2">
        <Select
          label={t('language')}
          value={i18n.language as Language}
          options={languages.map((value) => ({ value, label: languageNames[value] }))}
          onValueChange={(language) => void setLanguage(language).catch(toastError)}
        />
        <Select
          label={t('theme')}
          value={theme}
          options={themes.map((value) => ({ value, label: t(`themes.${value}`) }))}
          onValueChange={(value) => setPreferences({ theme: value })}
        />
        <Switch label={t('formatting')} hint={t('formattingHint')} checked={formatting} onCheckedChange={(on) => setPreferences({ formatting: on })} />
      </Card>
      <Note>{t('deviceOnly')}</Note>
    </>
  )
}
