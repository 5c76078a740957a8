import { useEmail } from './namesakes'

/** Tells a person from others of the same name: the e-mail address behind the name. */
export function NamesakeMark({ id }: { id: string }) {
  const email = useEmail(id)
  return email ? <span dir="ltr" title={email} className="ml-1.5 text-xs font-normal text-muted">{email}</span> : null
}
