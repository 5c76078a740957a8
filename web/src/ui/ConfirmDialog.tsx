import type { ConfirmDialogProps } from './ConfirmWindow'
import { onDemand } from './onDemand'
import { useOnceTrue } from './useOnceTrue'

const ConfirmWindow = onDemand(() => import('./ConfirmWindow'))

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const wanted = useOnceTrue(props.open)
  return wanted && <ConfirmWindow {...props} />
}
