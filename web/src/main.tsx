import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { withBase, withoutBase } from './app/base'
import { startUpdates } from './app/pwa/updates'
import { startTheme } from './app/theme'
import { startTexts } from './i18n'
import { watchFocus } from './ui/focus'
import './styles.css'

startTheme()
watchFocus()
if (withoutBase(location.pathname) === null) {
  // The page was opened at the server itself, not at the proxy in front of it.
  location.replace(withBase(location.pathname) + location.search + location.hash)
} else {
  await startTexts()
  const root = document.getElementById('root')
  if (root) createRoot(root).render(<App />)
  startUpdates()
}
