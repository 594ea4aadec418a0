// The page is built to app/dist: static files that any web server can serve, from any folder.
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

export default defineConfig({
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: './',
    build: {
        target: 'es2022',
        // WebAssembly stays a file of its own, which the content security policy lets the page fetch.
        assetsInlineLimit: 0,
        chunkSizeWarningLimit: 2_000,
    },
    preview: { host: '127.0.0.1' },
});
