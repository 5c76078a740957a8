import { ChevronLeft } from 'lucide-react'
import { Link } from 'wouter'

/** Leads from one thing to the list of them; on phones the header has a button for that. */
export function BackLink({ to, text }: { to: string; text: string }) {
  return (
    <Link href={to} className="hidden items-center gap-1 self-start text-sm text-accent underline-offset-4 hover:underline md:flex">
      <ChevronLeft aria-hidden className="size-4" /> {text}
    </Link>
  )
}
