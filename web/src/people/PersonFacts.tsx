import { Building2, Copy, Mail, Users, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Profile } from '@/api/people'
import { pathOf } from '@/app/paths'
import { chatKey } from '@/state/model'
import { IconButton } from '@/ui/IconButton'
import { toast, toastError } from '@/ui/toast'

/** What is known about a person: address, organizations, groups that both are in. */
export function PersonFacts({ person }: { person: Profile }) {
  const { t } = useTranslation('people')
  const copy = () => {
    navigator.clipboard.writeText(person.email ?? '').then(() => toast(t('copied'), 'success'), toastError)
  }
  return (
    <dl className="flex flex-col gap-4">
      {person.email && (
        <Fact icon={Mail} name={t('email')}>
          <span className="flex items-center gap-1">
            <a href={`mailto:${person.email}`} className="min-w-0 truncate text-accent hover:underline">
              {person.email}
            </a>
            <IconButton icon={Copy} size="small" label={t('copyEmail')} onClick={copy} />
          </span>
        </Fact>
      )}
      {person.organizations.length > 0 && <Fact icon={Building2} name={t('organizations', { count: person.organizations.length })}>{person.organizations.map((o) => o.name).join(', ')}</Fact>}
      {person.groupsInCommon.length > 0 && (
        <Fact icon={Users} name={t('groupsInCommon', { count: person.groupsInCommon.length })}>
          <ul>
            {person.groupsInCommon.map((g) => (
              <li key={g.id}>
                <Link href={pathOf(chatKey(2, g.id))} className="block truncate rounded py-1 text-accent hover:underline">
                  {g.name}
                </Link>
              </li>
            ))}
          </ul>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ icon: Icon, name, children }: { icon: LucideIcon; name: string; children: ReactNode }) {
  return (
    <div className="relative pl-9">
      <dt className="text-sm text-muted">
        <Icon aria-hidden className="absolute top-0.5 left-0 size-5" />
        {name}
      </dt>
      <dd className="mt-1 break-words">{children}</dd>
    </div>
  )
}
