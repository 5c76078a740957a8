import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { emojiData } from './build/emojiData.ts'
import { comesFirst, firstLoad } from './build/firstLoad.ts'
import { serviceWorker } from './build/serviceWorker.ts'

// Where `npm run dev` finds a server: parley demo, by default.
const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:8080'
const toServer = { target: server, ws: true }

const sources = fileURLToPath(new URL('./src', import.meta.url))
const page = ['/src/main.tsx', '/src/i18n/texts-zh']
const signIn = '/src/signin/SignInPage'
const signedIn = '/src/app/SignedIn'
const conversation = '/src/conversation/ConversationPane'
const first = comesFirst([...page, signIn, signedIn, conversation])

export default defineConfig({
  plugins: [
    react(),
    tailwind(),
    emojiData(),
    serviceWorker(),
    firstLoad({
      'sign-in': { modules: [...page, signIn], limit: 250_000 },
      'the chat list': { modules: [...page, signedIn], limit: 250_000 },
      'a conversation': { modules: [...page, signedIn, conversation], limit: 250_000 },
    }),
  ],
  // Built files name each other by relative paths; in the page the server puts its own path before them.
  base: './',
  resolve: { alias: { '@': sources } },
  build: {
    target: 'es2022',
    // An inlined asset would need data: addresses, which the page's policy knows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Few files that compress well, in place of one for each small module that two screens share. What the first visit does not
    // need is in a file of its own. The libraries of windows, menus and hints are in none of them: those are loaded when the
    // first one opens.
    rolldownOptions: {
      output: {
        // Each name of a file is also in the list of what pages need, which the first visit loads.
        chunkFileNames: 'assets/[name]-[hash:7].js',
        assetFileNames: 'assets/[name]-[hash:7][extname]',
        codeSplitting: {
          groups: [
            { debugName: 'icons', name: (id, context) => (first(id, context) ? 'icons' : null), test: /node_modules\/lucide-react\/dist\/esm\/icons\//, minShareCount: 2 },
            { debugName: 'shared', name: (id, context) => (first(id, context) ? 'shared' : null), test: /node_modules\/(?!@floating-ui|@base-ui)/, minShareCount: 6 },
            { debugName: 'common', name: (id, context) => (first(id, context) ? 'common' : null), test: (id) => id.startsWith(sources), minShareCount: 3 },
            // Without the administration, whose files the service worker does not keep.
            { name: 'later', test: (id) => id.startsWith(sources) && !id.startsWith(`${sources}/admin/`), minShareCount: 5 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/socket.io/': toServer,
      '/api/': toServer,
      '/files/': toServer,
      '/avatars/': toServer,
      '/upload': toServer,
      '/buckets/': toServer,
      '^/(chat_list|messages|group_messages)(\\?|$)': toServer,
      '^/(messages|group_messages|user_files|group_files)_byid(\\?|$)': toServer,
    },
  },
  test: {
    // Tests that need a page say so: making one takes longer than most tests.
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
  },
})
