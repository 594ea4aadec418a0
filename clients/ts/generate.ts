// Writes the TypeScript clients from the IDLs: `npm run generate`. With `--check` nothing is written: what would be
// written is compared with what is committed, and each file that differs is named.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { renderClient } from './generator/render.js';

const PROGRAMS = ['registry', 'claims', 'trials', 'provenance'] as const;
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const GENERATED = join(REPOSITORY, 'clients/ts/src/generated');

/** Every file below `folder`, by its path within it, with its text. A folder that does not exist has no files. */
async function filesOf(folder: string): Promise<Map<string, string>> {
    const files = new Map<string, string>();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => {
            if (error.code === 'ENOENT') return [];
            throw error;
        },
    );
    for (const entry of entries) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        files.set(relative(folder, path), await readFile(path, 'utf8'));
    }
    return files;
}

/** One line for each file that is missing, left over or different in `committed`. */
function differences(fresh: Map<string, string>, committed: Map<string, string>): string[] {
    const paths = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
    return paths.flatMap((path) => {
        if (!committed.has(path)) return [`missing    ${path}`];
        if (!fresh.has(path)) return [`left over  ${path}`];
        return fresh.get(path) === committed.get(path) ? [] : [`different  ${path}`];
    });
}

async function renderAll(folder: string): Promise<void> {
    for (const program of PROGRAMS) {
        const idl = join(REPOSITORY, 'idls', `${program}.json`);
        const text = await readFile(idl, 'utf8').catch(() => {
            throw new Error(`idls/${program}.json cannot be read. Write it with: cargo xtask idl`);
        });
        await renderClient(JSON.parse(text), join(folder, program));
    }
}

async function check(): Promise<number> {
    const scratch = await mkdtemp(join(tmpdir(), 'galen-clients-'));
    try {
        await renderAll(scratch);
        const found = differences(await filesOf(scratch), await filesOf(GENERATED));
        for (const line of found) console.error(line);
        if (found.length > 0) {
            console.error(
                `clients/ts/src/generated does not match the IDLs in ${found.length} files. Write it with: npm run generate`,
            );
            return 1;
        }
        console.log('clients/ts/src/generated matches the IDLs');
        return 0;
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

async function main(): Promise<number> {
    const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
    if (unknown.length > 0) {
        console.error(`unknown argument ${unknown.join(' ')}; usage: npm run generate [-- --check]`);
        return 2;
    }
    if (process.argv.includes('--check')) return check();
    await renderAll(GENERATED);
    console.log(`wrote ${(await filesOf(GENERATED)).size} files to clients/ts/src/generated`);
    return 0;
}

process.exitCode = await main().catch((error: Error) => {
    console.error(error.message);
    return 1;
});
