// What the page keeps in the browser: its settings, and leaf files by the roots of their batches.
import { type Address, isAddress } from '@solana/kit';

import type { Language } from './words';

export type Settings = {
    readonly language: Language;
    readonly rpcUrl: string;
    readonly pharmacy: Address | undefined;
};

const KEY = 'galen.settings';
const DATABASE = 'galen';
const STORE = 'leaf-files';
/** Where `cargo xtask demo --keep` and `galen localnet` leave a validator. */
const LOCAL = 'http://127.0.0.1:8899';

export function loadSettings(): Settings {
    const kept = parse(localStorage.getItem(KEY));
    const { language, rpcUrl, pharmacy } = kept;
    const preferred = navigator.language.startsWith('es') ? 'es' : 'en';
    return {
        language: language === 'es' || language === 'en' ? language : preferred,
        rpcUrl: typeof rpcUrl === 'string' && isUrl(rpcUrl) ? rpcUrl : LOCAL,
        pharmacy: typeof pharmacy === 'string' && isAddress(pharmacy) ? pharmacy : undefined,
    };
}

export function saveSettings(settings: Settings): void {
    localStorage.setItem(KEY, JSON.stringify(settings));
}

export function isUrl(text: string): boolean {
    return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function parse(text: string | null): Readonly<Record<string, unknown>> {
    try {
        const kept: unknown = JSON.parse(text ?? '{}');
        return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
    } catch {
        return {};
    }
}

/** Keeps a leaf file for later visits. */
export function keepLeaves(root: string, file: Uint8Array): Promise<unknown> {
    return within('readwrite', (files) => files.put(file, root));
}

/** The leaf file of the batch with this root, if it was kept. */
export async function keptLeaves(root: string): Promise<Uint8Array | undefined> {
    const found: unknown = await within('readonly', (files) => files.get(root));
    return found instanceof Uint8Array ? found : undefined;
}

/** The roots of the batches whose leaf files were kept. */
export async function keptRoots(): Promise<readonly string[]> {
    return (await within('readonly', (files) => files.getAllKeys())).map(String);
}

function within<T>(mode: IDBTransactionMode, action: (files: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
        opening.onerror = () => reject(opening.error ?? new Error('the browser keeps no files'));
        opening.onsuccess = () => {
            const request = action(opening.result.transaction(STORE, mode).objectStore(STORE));
            request.onerror = () => reject(request.error ?? new Error('the browser keeps no files'));
            request.onsuccess = () => resolve(request.result);
        };
    });
}
