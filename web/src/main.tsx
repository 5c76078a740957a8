import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { startUpdates } from './app/pwa/updates'
import { startTheme } from './app/theme'
import { startTexts } from './i18n'
import './styles.css'

startTheme()
await startTexts()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
startUpdates()
