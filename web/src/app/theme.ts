import { usePreferences, type Preferences } from './preferences'

/** Shows the page in the chosen colours, now and whenever the choice changes, in this tab or another. */
export function startTheme(): void {
  apply(usePreferences.getState().theme)
  usePreferences.subscribe((p, before) => p.theme !== before.theme && apply(p.theme))
}

function apply(theme: Preferences['theme']): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
