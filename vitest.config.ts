// One validator serves all flows, and some flows move its clock or pause it: files run one after another.
import { defineConfig } from 'vitest/config';

export default defineConfig({
    test: {
        include: ['tests/**/*.test.ts'],
        globalSetup: ['tests/harness/setup.ts'],
        fileParallelism: false,
        testTimeout: 120_000,
        hookTimeout: 300_000,
    },
});
