import { useState } from 'react'

/** Whether the value has ever been true: what was wanted once stays, to be shown again at once. */
export function useOnceTrue(value: boolean): boolean {
  const [once, setOnce] = useState(value)
  if (value && !once) setOnce(true)
  return once || value
}
