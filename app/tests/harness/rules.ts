// The rulebook as the page has it, in Node.
import { readFile } from 'node:fs/promises';

import { Rules } from '../../src/rules';

export async function loadRules(): Promise<Rules> {
    const file = new URL('../../src/rules/rules.wasm', import.meta.url);
    return Rules.load(await readFile(file));
}
