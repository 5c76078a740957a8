import type { DialogProps } from './DialogWindow'
import { onDemand } from './onDemand'
import { useOnceTrue } from './useOnceTrue'

const DialogWindow = onDemand(() => import('./DialogWindow'))

/** A window over the page. Esc and a click outside close it, and the focus goes back. On a phone it takes the whole width, at the bottom. */
export function Dialog(props: DialogProps) {
  const wanted = useOnceTrue(props.open)
  return wanted && <DialogWindow {...props} />
}
