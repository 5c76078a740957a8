import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

const tones = { plain: 'border-line text-muted', accent: 'border-accent text-accent', success: 'border-success text-success', danger: 'border-danger text-danger' }

/** A short label beside a name. */
export function Tag({ tone = 'plain', children }: { tone?: keyof typeof tones; children: ReactNode }) {
  return <span className={cn('shrink-0 rounded-full border px-2 text-xs leading-5 whitespace-nowrap', tones[tone])}>{children}</span>
}
