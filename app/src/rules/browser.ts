// The rulebook in the page.
import { Rules } from '.';
import url from './rules.wasm?url';

export async function loadRules(): Promise<Rules> {
    const file = await fetch(url);
    return Rules.load(await file.arrayBuffer());
}
