import { Bell, Info, Keyboard, KeyRound, MonitorSmartphone, Palette, ShieldCheck, UserPlus, UserRound, type LucideIcon } from 'lucide-react'
import { lazy, type ComponentType } from 'react'
import { loadTexts } from '@/i18n'

interface Section {
  icon: LucideIcon
  content: ComponentType
}

/** The sections by the name they have in the address, in the order of the list. */
export const sections = {
  profile: { icon: UserRound, content: lazy(() => import('./ProfileSection')) },
  notifications: { icon: Bell, content: lazy(() => import('./NotificationsSection')) },
  appearance: { icon: Palette, content: lazy(() => import('./AppearanceSection')) },
  sessions: { icon: MonitorSmartphone, content: lazy(() => import('./SessionsSection')) },
  password: { icon: KeyRound, content: lazy(() => import('./PasswordSection')) },
  'two-factor': { icon: ShieldCheck, content: lazy(() => loadTexts('twoFactor').then(() => import('./TwoFactorSection'))) },
  invitations: { icon: UserPlus, content: lazy(() => loadTexts('invitation').then(() => import('@/invitation/Invitations'))) },
  keyboard: { icon: Keyboard, content: lazy(() => loadTexts('keys').then(() => import('./KeyboardSection'))) },
  about: { icon: Info, content: lazy(() => import('./AboutSection')) },
} satisfies Record<string, Section>

export type SectionName = keyof typeof sections

export const isSection = (name: string | undefined): name is SectionName => name !== undefined && Object.hasOwn(sections, name)
