import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { PageIcon, PaneHeader } from '@/app/PaneHeader'
import { SectionList } from '@/app/SectionList'
import { useIsWide } from '@/app/useIsWide'
import { useStore } from '@/state/store'
import { PageColumn } from '@/ui/Card'
import { isSection, sections, type SectionName } from './sections'
import { useServerConfig } from './useServerConfig'

/** The settings: a list of sections, and beside it, on phones after it, one of them. */
export default function SettingsPage({ section }: { section: string | undefined }) {
  const { t } = useTranslation('settings')
  const wide = useIsWide()
  const offered = useOffered()
  const shown: SectionName | null = isSection(section) ? section : wide ? 'profile' : null
  return (
    <main className="flex h-full min-w-0 flex-1">
      {(wide || shown === null) && (
        <SectionList
          title={t('title')}
          id="settings-title"
          sections={offered.map((name) => ({ name, label: t(`sections.${name}`), icon: sections[name].icon }))}
          path="/settings"
          current={shown}
          className="md:w-64"
        />
      )}
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

/** The names of the sections that concern the caller. */
function useOffered(): SectionName[] {
  const signIn = useServerConfig()?.signIn
  const passwords = signIn?.password ?? false
  const administers = useStore((s) => s.me?.role === 'owner' || s.me?.role === 'administrator')
  const offered: Partial<Record<SectionName, boolean>> = { password: passwords, 'two-factor': passwords || (signIn?.mail ?? false), invitations: administers }
  return (Object.keys(sections) as SectionName[]).filter((name) => offered[name] ?? true)
}
