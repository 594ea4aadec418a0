// The built page on a port of its own, as `cargo xtask app` serves it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
    interface ProvidedContext {
        page: string;
    }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    if (!existsSync(new URL('../../dist/index.html', import.meta.url)))
        throw new Error('the page is not built: cargo xtask app --build-only');
    const server = await preview({ root, preview: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
    const address = server.httpServer.address();
    if (address === null || typeof address === 'string') throw new Error('the page is not served');
    project.provide('page', `http://127.0.0.1:${address.port}/`);
    return () => new Promise((done) => server.httpServer.close(() => done()));
}
