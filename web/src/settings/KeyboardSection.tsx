import { KeyTable } from '@/app/keys/KeyTable'

/** All keys; the same as in the help sheet. */
export default function KeyboardSection() {
  return <KeyTable heading="h2" />
}
