import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { mock } from './dev/mock.ts';

// `vite` proxies to a running hotline server (HOTLINE_URL, else the demo's address);
// `vite --mode mock` answers /api from dev/mock.mjs and gives the desk a phone without a microphone.
export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === 'mock' ? [mock()] : [])],
  resolve: {
    alias:
      mode === 'mock'
        ? [
            {
              find: /^.*\/phone\/index$/,
              replacement: fileURLToPath(new URL('./dev/fake-phone.ts', import.meta.url)),
            },
          ]
        : [],
  },
  server: {
    host: '127.0.0.1',
    proxy:
      mode === 'mock'
        ? undefined
        : {
            '/api': {
              target: process.env.HOTLINE_URL ?? 'http://127.0.0.1:8800',
              ws: true,
              secure: false,
              changeOrigin: true,
            },
          },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true, // public/.gitkeep comes back with it
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    css: { include: /theme\.css/ }, // its contrasts are tested
  },
}));
