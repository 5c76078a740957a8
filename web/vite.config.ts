import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { serviceWorker } from './build/serviceWorker'

// Where `npm run dev` finds a server: parley demo, by default.
const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:8080'
const toServer = { target: server, ws: true }

export default defineConfig({
  plugins: [react(), tailwind(), serviceWorker()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // An inlined asset would need data: addresses, which the page's policy knows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/socket.io/': toServer,
      '/api/': toServer,
      '/files/': toServer,
      '/avatars/': toServer,
      '/upload': toServer,
      '/buckets/': toServer,
      '^/(chat_list|messages|group_messages)$': toServer,
      '^/(messages|group_messages|user_files|group_files)_byid$': toServer,
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
  },
})
