// The page's tests: its parts in Node, and the whole in Chromium on a validator with the programs.
import { defineConfig } from 'vitest/config';

export default defineConfig({
    test: {
        include: ['app/tests/**/*.test.ts'],
        globalSetup: ['tests/harness/setup.ts', 'app/tests/harness/serve.ts'],
        fileParallelism: false,
        testTimeout: 60_000,
        hookTimeout: 120_000,
    },
});
