import i18next, { type ResourceKey } from 'i18next'
import { initReactI18next } from 'react-i18next'

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** The name of each language in the language itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', zh: '简体中文' }

const stored = 'parley.language'

// The texts of a language are loaded when it is chosen.
const texts = { en: () => import('./texts-en'), zh: () => import('./texts-zh') }

/** The language chosen on this device, else the browser's, else English. */
function preferredLanguage(): Language {
  const chosen = localStorage.getItem(stored)
  if (languages.includes(chosen as Language)) return chosen as Language
  return navigator.languages.some((l) => l.toLowerCase().startsWith('zh')) && !firstIsEnglish() ? 'zh' : 'en'
}

const firstIsEnglish = () => navigator.languages[0]?.toLowerCase().startsWith('en') ?? false

// Texts of pages that few people open are loaded with these pages.
const later = import.meta.glob<ResourceKey>('./*/later/*.json', { import: 'default' })
const loadedLater = new Set<string>()

async function loadLater(language: Language, noun: string): Promise<void> {
  const resources = await later[`./${language}/later/${noun}.json`]?.()
  if (resources) i18next.addResourceBundle(language, noun, resources, true, true)
}

/** Loads the texts of a noun that are in a file of their own, also for a language that is chosen later. */
export async function loadTexts(noun: string): Promise<void> {
  loadedLater.add(noun)
  await loadLater(i18next.language as Language, noun)
}

async function load(language: Language): Promise<void> {
  const { default: nouns } = await texts[language]()
  for (const [path, resources] of Object.entries(nouns)) {
    const noun = path.slice(path.lastIndexOf('/') + 1, -'.json'.length)
    i18next.addResourceBundle(language, noun, resources, true, true)
  }
  await Promise.all([...loadedLater].map((noun) => loadLater(language, noun)))
}

/** Loads the texts and readies `useTranslation`. */
export async function startTexts(): Promise<void> {
  const language = preferredLanguage()
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
  })
  await load(language)
  document.documentElement.lang = language
}

/** Changes the language of the page and stores it on this device. */
export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(stored, language)
  await load(language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}
