import { KeyTable } from '@/app/keys/KeyTable'
import { Card } from '@/ui/Card'

/** All keys; the same as in the help sheet. */
export default function KeyboardSection() {
  return (
    <Card>
      <KeyTable heading="h2" />
    </Card>
  )
}
