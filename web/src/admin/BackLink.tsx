import { ChevronLeft } from 'lucide-react'
import { Link } from 'wouter'

/** A link from a page to the list that it belongs to. On phones the header has a button instead. */
export function BackLink({ to, text }: { to: string; text: string }) {
  return (
    <Link href={to} className="hidden items-center gap-1 self-start text-sm text-accent underline-offset-4 hover:underline md:flex">
      <ChevronLeft aria-hidden className="size-4" /> {text}
    </Link>
  )
}
