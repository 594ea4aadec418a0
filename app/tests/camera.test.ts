// Codes from pictures and from the camera; and each way in which there is none, in the user's words.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { connect } from '../../tests/harness/connect';
import { Desk, type Camera, launch } from './harness/browser';
import { beside, dataMatrix, film, paper, png } from './harness/picture';
import { type Stock, printed, stock } from './harness/story';

let goods: Stock;
let folder: string;
beforeAll(async () => {
    goods = await stock(await connect());
    folder = await mkdtemp(join(tmpdir(), 'galen-camera-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A browser with this camera, and the page in it, for one piece of work. */
async function withCamera(camera: Camera, work: (desk: Desk) => Promise<void>): Promise<void> {
    const browser: Browser = await launch(camera);
    try {
        const desk = await Desk.open(browser, { pharmacy: goods.packs.pharmacy.address });
        await desk.addLeaves(goods.leaves);
        await work(desk);
    } finally {
        await browser.close();
    }
}

const matrix = (index: number) => dataMatrix(printed(goods, index));

async function choose({ page }: Desk, buffer: Buffer, name = 'pack.png'): Promise<void> {
    await page.getByLabel('Picture of the code').setInputFiles({ name, mimeType: 'image/png', buffer });
}

async function expectFault(desk: Desk, fault: string, words: string): Promise<void> {
    const told = desk.page.locator(`[data-fault="${fault}"]`);
    await told.waitFor();
    expect(await told.innerText()).toContain(words);
    await desk.inspect(fault.replaceAll('_', '-'));
}

describe('a picture', () => {
    test('of a pack gives the answer', async () => {
        await withCamera({ kind: 'none' }, async (desk) => {
            await choose(desk, png(matrix(1)));
            expect(await desk.answer('sellable')).toContain('Genuine and sellable');
            expect(await desk.page.locator('#code').inputValue()).toContain(']d201');
            expect(await desk.page.locator('section[aria-labelledby="facts"]').innerText()).toContain('SN000001');
        });
    });

    test('without one readable code is refused by name', async () => {
        await withCamera({ kind: 'none' }, async (desk) => {
            await choose(desk, png(paper(300, 300)));
            await expectFault(desk, 'no_code', 'no DataMatrix or QR code');
            await choose(desk, png(beside(matrix(1), matrix(2))));
            await expectFault(desk, 'several_codes', 'more than one code');
            await choose(desk, Buffer.from('not a picture'), 'notes.png');
            await expectFault(desk, 'not_a_picture', 'not a picture');
            // A good one afterwards takes the complaint away.
            await choose(desk, png(matrix(1)));
            await desk.answer('sellable');
            expect(await desk.page.locator('[data-fault]').count()).toBe(0);
        });
    });
});

describe('the camera', () => {
    const start = ({ page }: Desk) => page.getByRole('button', { name: 'Use the camera' }).click();

    test('sees a pack, gives the answer and is closed', async () => {
        const file = join(folder, 'pack.y4m');
        await writeFile(file, film(matrix(1)));
        await withCamera({ kind: 'film', file }, async (desk) => {
            await start(desk);
            expect(await desk.answer('sellable')).toContain('Genuine and sellable');
            expect(await desk.page.locator('video').count()).toBe(0);
        });
    });

    test('waits while it sees two packs, and says so', async () => {
        const file = join(folder, 'two.y4m');
        await writeFile(file, film(beside(matrix(1), matrix(2))));
        await withCamera({ kind: 'film', file }, async (desk) => {
            await start(desk);
            await desk.page.getByText('More than one code is in sight').waitFor();
            await desk.inspect('camera-two-codes');
            expect(await desk.page.locator('[data-answer]').count()).toBe(0);
            await desk.page.getByRole('button', { name: 'Stop the camera' }).click();
            expect(await desk.page.locator('video').count()).toBe(0);
        });
    });

    test('that is not there is missed in words', async () => {
        await withCamera({ kind: 'none' }, async (desk) => {
            await start(desk);
            await expectFault(desk, 'no_camera', 'No camera was found');
        });
    });

    test('that may not be used is missed in words', async () => {
        await withCamera({ kind: 'refused' }, async (desk) => {
            await start(desk);
            await expectFault(desk, 'permission_refused', 'does not let this page use the camera');
        });
    });
});
