import { useTranslation } from 'react-i18next'
import { withBase } from '@/app/base'
import { Card, Facts } from '@/ui/Card'
import { useServerConfig } from './useServerConfig'

/** What this is, and which version of it. */
export default function AboutSection() {
  const { t } = useTranslation('settings')
  const server = useServerConfig()?.server
  const facts: [string, string | undefined][] = [
    [t('server'), server?.name],
    [t('version'), server?.version],
    // "Local" is a zone whose name the server does not know, and no name to people.
    [t('timeZone'), server?.timeZone === 'Local' ? undefined : server?.timeZone],
    [t('ownTimeZone'), new Intl.DateTimeFormat().resolvedOptions().timeZone],
  ]
  return (
    <Card className="flex flex-col gap-5">
      <div className="flex items-center gap-4">
        <img src={withBase('/icon.svg')} alt="" className="size-14" />
        <div>
          <p className="text-lg font-semibold">parley</p>
          <p className="text-sm text-muted">{t('aboutText')}</p>
        </div>
      </div>
      <Facts facts={facts} />
      <p className="text-sm">
        <a href={withBase('/docs')} target="_blank" rel="noopener noreferrer" className="text-accent underline-offset-4 hover:underline">
          {t('apiDocs')}
        </a>
      </p>
    </Card>
  )
}
