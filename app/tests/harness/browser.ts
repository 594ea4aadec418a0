// Debian's Chromium, and the page in it.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import {
    type Address,
    type KeyPairSigner,
    getTransactionDecoder,
    getTransactionEncoder,
    partiallySignTransaction,
} from '@solana/kit';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type Page, type Route, chromium } from 'playwright-core';
import { expect, inject } from 'vitest';

import type { Language } from '../../src/words';

const PATH = process.env.GALEN_CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS = fileURLToPath(new URL('../../screenshots', import.meta.url));
const QUIET = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];
const NARROW = { width: 360, height: 740 };

/** Cameras: none, one that shows a film and may be used, one that may not. */
export type Camera = { readonly kind: 'none' | 'refused' } | { readonly kind: 'film'; readonly file: string };

export function launch(camera: Camera = { kind: 'none' }): Promise<Browser> {
    const flags = {
        none: [],
        refused: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
        film: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    }[camera.kind];
    const film = camera.kind === 'film' ? [`--use-file-for-fake-video-capture=${camera.file}`] : [];
    return chromium.launch({ executablePath: PATH, headless: true, args: [...QUIET, ...flags, ...film] });
}

export type Visit = {
    readonly language?: Language;
    readonly rpcUrl?: string;
    readonly pharmacy?: Address | undefined;
    readonly wallet?: KeyPairSigner;
    readonly viewport?: { readonly width: number; readonly height: number };
    /** The time zone of the browser. */
    readonly zone?: string;
    /** The Unix second that the clock of the browser stands at. */
    readonly now?: bigint;
};

/** The page as somebody sees it who has named a pharmacy before, with what it asked other servers for. */
export class Desk {
    private constructor(
        readonly context: BrowserContext,
        readonly page: Page,
        private readonly rpcUrl: string,
        private readonly asked: string[],
        readonly complaints: string[],
    ) {}

    static async open(browser: Browser, visit: Visit = {}): Promise<Desk> {
        const rpcUrl = visit.rpcUrl ?? inject('cluster').rpcUrl;
        const settings = { language: visit.language ?? 'en', rpcUrl, pharmacy: visit.pharmacy };
        const viewport = visit.viewport ?? NARROW;
        const context = await browser.newContext(visit.zone ? { viewport, timezoneId: visit.zone } : { viewport });
        if (visit.now !== undefined) await context.clock.setFixedTime(Number(visit.now) * 1_000);
        await context.addInitScript((kept) => {
            if (localStorage.getItem('galen.settings') === null) localStorage.setItem('galen.settings', kept);
        }, JSON.stringify(settings));
        if (visit.wallet) await addWallet(context, visit.wallet);
        const page = await context.newPage();
        const [asked, complaints]: [string[], string[]] = [[], []];
        page.on('request', (request) => asked.push(request.url()));
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('console', (message) => {
            if (message.type() === 'error' && !message.text().includes('net::ERR_')) complaints.push(message.text());
        });
        const desk = new Desk(context, page, rpcUrl, asked, complaints);
        await page.goto(inject('page'));
        await page.getByRole('textbox').first().waitFor();
        return desk;
    }

    /** Adds a leaf file in the settings. */
    async addLeaves(file: Buffer): Promise<void> {
        await this.page.locator('#leaves').setInputFiles({ name: 'batch.leaves', mimeType: '', buffer: file });
        await this.page.locator('[data-leaves]').first().waitFor();
    }

    /** Types a code and asks. */
    async ask(text: string): Promise<void> {
        await this.page.locator('#code').fill(text);
        await this.page.locator('#code').press('Enter');
    }

    /** Waits for this answer, and gives its words. Each answer is given once: one that was there before is none to what was asked since. */
    async answer(name: string): Promise<string> {
        const found = this.page.locator(`[data-answer="${name}"]:not([data-seen])`);
        await found.waitFor({ timeout: 15_000 }).catch(async () => {
            expect.fail(`${name} is wanted, but: ${await this.page.locator('main').innerText()}`);
        });
        await found.evaluate((answer) => answer.setAttribute('data-seen', ''));
        return this.page.locator('[data-answer]').innerText();
    }

    /** Has the ledger answer from now on after `let go`, or not at all; what it is asked until then waits. */
    async holdLedger(): Promise<() => Promise<void>> {
        let letGo = () => {};
        const held = new Promise<void>((go) => {
            letGo = go;
        });
        const of = (url: URL) => url.href.startsWith(this.rpcUrl);
        const hold = async (route: Route) => {
            await held;
            // Whoever asked may have given up.
            await route.continue().catch(() => undefined);
        };
        await this.page.route(of, hold);
        return async () => {
            await this.page.unroute(of, hold);
            letGo();
        };
    }

    /** Has the node refuse the first question of a method with this code; the parameters of all of them, as they come. */
    async refuseFirst(method: string, code: number): Promise<unknown[][]> {
        const seen: unknown[][] = [];
        await this.page.route(
            (url) => url.href.startsWith(this.rpcUrl),
            async (route) => {
                const text = route.request().postData();
                const question = text
                    ? (JSON.parse(text) as { id: string; method: string; params: unknown[] })
                    : undefined;
                if (question?.method !== method) return route.continue();
                seen.push(question.params);
                if (seen.length > 1) return route.continue();
                const error = { code, message: 'refused' };
                return route.fulfill({
                    json: { jsonrpc: '2.0', id: question.id, error },
                    headers: { 'access-control-allow-origin': '*' },
                });
            },
        );
        return seen;
    }

    /** Waits until the pack's way has been read. */
    async journey(): Promise<string> {
        const read = this.page.locator('[data-journey="read"]');
        await read.waitFor({ timeout: 15_000 });
        return read.innerText();
    }

    /** Looks at the state as a whole: nothing for axe to find, nothing wider than the window, nobody else asked. */
    async inspect(name: string): Promise<void> {
        await mkdir(SCREENSHOTS, { recursive: true });
        await this.page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
        await this.page.evaluate(axe.source);
        const found = await this.page.evaluate(async () => {
            const runner = (
                window as unknown as {
                    axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
                }
            ).axe;
            const { violations } = await runner.run();
            return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
        });
        expect(found, name).toEqual([]);
        const { wide, window: wideAs } = await this.page.evaluate(() => ({
            wide: document.documentElement.scrollWidth,
            window: window.innerWidth,
        }));
        expect(wide, `${name} is wider than the window`).toBeLessThanOrEqual(wideAs);
        const own = [inject('page'), this.rpcUrl, 'blob:', 'data:'];
        expect(this.asked.filter((url) => !own.some((start) => url.startsWith(start)))).toEqual([]);
        expect(this.complaints, name).toEqual([]);
    }

    close(): Promise<void> {
        return this.context.close();
    }
}

/** A wallet by the Wallet Standard whose key stays in the test: the page's transactions are signed here. */
async function addWallet(context: BrowserContext, signer: KeyPairSigner): Promise<void> {
    await context.exposeFunction('signHere', async (bytes: number[]) => {
        const transaction = getTransactionDecoder().decode(new Uint8Array(bytes));
        const signed = await partiallySignTransaction([signer.keyPair], transaction);
        return [...getTransactionEncoder().encode(signed)];
    });
    await context.addInitScript((address) => {
        const { signHere } = window as unknown as { signHere: (bytes: number[]) => Promise<number[]> };
        const chains = ['solana:localnet'];
        const account = { address, publicKey: new Uint8Array(32), chains, features: ['solana:signTransaction'] };
        const wallet = {
            version: '1.0.0',
            name: 'Test Wallet',
            icon: 'data:image/svg+xml;base64,PHN2Zy8+',
            chains,
            accounts: [account],
            features: {
                'standard:connect': { version: '1.0.0', connect: async () => ({ accounts: [account] }) },
                'standard:events': { version: '1.0.0', on: () => () => {} },
                'solana:signTransaction': {
                    version: '1.0.0',
                    supportedTransactionVersions: ['legacy', 0],
                    signTransaction: async (input: { transaction: Uint8Array }) => [
                        { signedTransaction: new Uint8Array(await signHere([...input.transaction])) },
                    ],
                },
            },
        };
        type Api = { register: (wallet: unknown) => void };
        const register = ({ register }: Api) => register(wallet);
        window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: register }));
        window.addEventListener('wallet-standard:app-ready', (event) => register((event as CustomEvent<Api>).detail));
    }, signer.address);
}
