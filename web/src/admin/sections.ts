import { Gauge, HardDrive, KeyRound, MonitorSmartphone, MessagesSquare, ScrollText, SlidersHorizontal, Users, Webhook, type LucideIcon } from 'lucide-react'
import { lazy, type ComponentType } from 'react'

interface Section {
  icon: LucideIcon
  content: ComponentType
  /** Shows the item whose id is in the address. */
  one?: ComponentType<{ id: string }>
}

/** The sections by their names in the address, in the order of the list. */
export const sections = {
  overview: { icon: Gauge, content: lazy(() => import('./OverviewSection')) },
  people: { icon: Users, content: lazy(() => import('./PeopleSection')), one: lazy(() => import('./PersonPage')) },
  groups: { icon: MessagesSquare, content: lazy(() => import('./GroupsSection')), one: lazy(() => import('./GroupPage')) },
  applications: { icon: KeyRound, content: lazy(() => import('./ApplicationsSection')), one: lazy(() => import('./ApplicationPage')) },
  subscriptions: { icon: Webhook, content: lazy(() => import('./SubscriptionsSection')), one: lazy(() => import('./SubscriptionPage')) },
  sessions: { icon: MonitorSmartphone, content: lazy(() => import('./SessionsSection')) },
  settings: { icon: SlidersHorizontal, content: lazy(() => import('./ServerSettingsSection')) },
  storage: { icon: HardDrive, content: lazy(() => import('./StorageSection')) },
  audit: { icon: ScrollText, content: lazy(() => import('./AuditSection')) },
} satisfies Record<string, Section>

/** Pages that belong to a section and are not in the list. */
export const pages = {
  import: { section: 'people', content: lazy(() => import('./ImportPage')) },
} satisfies Record<string, { section: SectionName; content: ComponentType }>

export type SectionName = keyof typeof sections
type PageName = keyof typeof pages

export const isSection = (name: string | undefined): name is SectionName => name !== undefined && Object.hasOwn(sections, name)
export const isPage = (name: string | undefined): name is PageName => name !== undefined && Object.hasOwn(pages, name)
export const firstSection: SectionName = 'overview'
