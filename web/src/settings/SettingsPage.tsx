import { ChevronRight } from 'lucide-react'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { PageIcon, PaneHeader } from '@/app/PaneHeader'
import { useIsWide } from '@/app/useIsWide'
import { cn } from '@/lib/cn'
import { useStore } from '@/state/store'
import { PageColumn } from '@/ui/Card'
import { isSection, sections, type SectionName } from './sections'
import { useServerConfig } from './useServerConfig'

/** The settings: a list of sections, and beside it, on phones after it, one of them. */
export default function SettingsPage({ section }: { section: string | undefined }) {
  const { t } = useTranslation('settings')
  const wide = useIsWide()
  const shown: SectionName | null = isSection(section) ? section : wide ? 'profile' : null
  return (
    <main className="flex h-full min-w-0 flex-1">
      {(wide || shown === null) && <SectionList current={shown} />}
      {shown !== null && (
        <section aria-label={t(`sections.${shown}`)} className="flex min-w-0 flex-1 flex-col bg-ground">
          <PaneHeader title={t(`sections.${shown}`)} picture={<PageIcon icon={sections[shown].icon} />} back="/settings" />
          <Content key={shown} section={shown} />
        </section>
      )}
    </main>
  )
}

function Content({ section }: { section: SectionName }) {
  const { content: Section } = sections[section]
  return (
    <PageColumn>
      <Suspense>
        <Section />
      </Suspense>
    </PageColumn>
  )
}

function SectionList({ current }: { current: SectionName | null }) {
  const { t } = useTranslation('settings')
  const signIn = useServerConfig()?.signIn
  const passwords = signIn?.password ?? false
  const administers = useStore((s) => s.me?.role === 'owner' || s.me?.role === 'administrator')
  const offered: Partial<Record<SectionName, boolean>> = { password: passwords, 'two-factor': passwords || (signIn?.mail ?? false), invitations: administers }
  const names = (Object.keys(sections) as SectionName[]).filter((name) => offered[name] ?? true)
  return (
    <section aria-labelledby="settings-title" className="flex w-full shrink-0 flex-col border-line bg-ground md:w-64 md:border-r">
      <h1 id="settings-title" className="flex h-14 shrink-0 items-center px-4 text-lg font-semibold">
        {t('title')}
      </h1>
      <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {names.map((name) => {
          const { icon: Icon } = sections[name]
          return (
            <li key={name}>
              <Link
                href={`/settings/${name}`}
                aria-current={name === current ? 'page' : undefined}
                className={cn('flex h-11 items-center gap-3 rounded-lg px-2 -outline-offset-2', name === current ? 'bg-selected' : 'hover:bg-hover')}
              >
                <Icon aria-hidden className="size-5 shrink-0 text-muted" />
                <span className="min-w-0 flex-1 truncate">{t(`sections.${name}`)}</span>
                <ChevronRight aria-hidden className="size-4 text-muted md:hidden" />
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
