import { useSearchParams } from 'wouter'

/** The filter of a page, in the address, so that other pages can link to a part of a list. */
export function useFilter(): { value: (name: string) => string; set: (changes: Record<string, string>) => void } {
  const [params, setParams] = useSearchParams()
  return {
    value: (name) => params.get(name) ?? '',
    set: (changes) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before)
          for (const [name, value] of Object.entries(changes)) {
            if (value) after.set(name, value)
            else after.delete(name)
          }
          return after
        },
        { replace: true },
      ),
  }
}
