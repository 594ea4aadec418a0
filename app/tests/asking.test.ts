// While the ledger is asked: nothing of the pack before is left to be read, a later scan overtakes, and nobody waits for ever.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { connect } from '../../tests/harness/connect';
import { PATIENCE } from '../src/ledger/accounts';
import type { Language } from '../src/words';
import { Desk, type Visit, launch } from './harness/browser';
import { type Stock, printed, stock } from './harness/story';

/** Of the packs: one that the pharmacy has, one that the wholesaler has. */
const [OWN, OTHER] = [1, 8];

let browser: Browser;
let goods: Stock;
beforeAll(async () => {
    browser = await launch();
    goods = await stock(await connect());
});
afterAll(() => browser?.close());

async function counter(visit: Visit = {}): Promise<Desk> {
    const { pharmacy } = goods.packs;
    const desk = await Desk.open(browser, { pharmacy: pharmacy.address, wallet: pharmacy.staff, ...visit });
    await desk.addLeaves(goods.leaves);
    return desk;
}

const answers = ({ page }: Desk) => page.locator('[data-answer]');
const asking = ({ page }: Desk) => page.locator('[aria-busy="true"]');

test.each([
    ['en', 'Asking the ledger'],
    ['es', 'Consultando el registro'],
] as const)('nothing of the pack before is shown while the next one is asked about (%s)', async (language, words) => {
    const desk = await counter({ language: language as Language });
    await desk.ask(printed(goods, OWN));
    await desk.answer('sellable');
    await desk.journey();
    const letGo = await desk.holdLedger();
    await desk.ask(printed(goods, OTHER));
    await asking(desk).waitFor({ state: 'attached' });
    expect(await answers(desk).count()).toBe(0);
    for (const section of ['dispense', 'facts', 'custody', 'journey'])
        expect(await desk.page.locator(`section[aria-labelledby="${section}"]`).count(), section).toBe(0);
    expect(await desk.page.locator('section[aria-labelledby="scan"]').innerText()).toContain(words);
    await desk.inspect(`asking-${language}`);
    await letGo();
    await desk.answer('not_in_custody');
    expect(await asking(desk).count()).toBe(0);
    await desk.close();
});

test('a later scan overtakes, and is typed over the one before', async () => {
    const desk = await counter();
    const letGo = await desk.holdLedger();
    await desk.page.locator('#code').focus();
    // As a scanner types: the focus stays in the field, and each code ends with Enter.
    for (const index of [OWN, OTHER]) {
        await desk.page.keyboard.type(printed(goods, index));
        await desk.page.keyboard.press('Enter');
    }
    expect(await desk.page.locator('#code').inputValue()).toBe(printed(goods, OTHER));
    await letGo();
    await desk.answer('not_in_custody');
    expect(await desk.page.locator('section[aria-labelledby="facts"]').innerText()).toContain('SN000008');
    // The first one's answer, which comes as late, does not take its place.
    await desk.page.waitForTimeout(1_000);
    expect(await answers(desk).getAttribute('data-answer')).toBe('not_in_custody');
    await desk.close();
});

test('an answer that comes while the next code is typed does not tear it in two', async () => {
    const desk = await counter();
    const letGo = await desk.holdLedger();
    await desk.ask(printed(goods, OWN));
    const next = printed(goods, OTHER);
    await desk.page.keyboard.type(next.slice(0, 10));
    await letGo();
    await desk.answer('sellable');
    await desk.page.keyboard.type(next.slice(10));
    expect(await desk.page.locator('#code').inputValue()).toBe(next);
    await desk.page.keyboard.press('Enter');
    await desk.answer('not_in_custody');
    await desk.close();
});

test('a dispense that ends when another pack is in hand does not take the place of that one', async () => {
    const desk = await counter();
    await desk.ask(printed(goods, 2));
    await desk.answer('sellable');
    await desk.page.getByRole('button', { name: 'Connect Test Wallet' }).click();
    const letGo = await desk.holdLedger();
    await desk.page.getByRole('button', { name: 'Dispense this pack' }).click();
    await desk.ask(printed(goods, OWN));
    await letGo();
    await desk.answer('sellable');
    const earlier = desk.page.locator('[data-earlier="SN000002"]');
    await earlier.waitFor();
    expect(await earlier.innerText()).toContain('Dispensed. The ledger has recorded it.');
    expect(await answers(desk).getAttribute('data-answer')).toBe('sellable');
    await desk.journey();
    await desk.inspect('dispense-earlier-en');
    // The wallet is still connected, for the pack that is in hand now.
    await desk.page.getByRole('button', { name: 'Dispense this pack' }).waitFor();
    await desk.close();
});

test.each([
    ['en', 'the ledger does not answer'],
    ['es', 'el registro no responde'],
] as const)('a ledger that says nothing is one that does not answer (%s)', async (language, words) => {
    const desk = await counter({ language: language as Language });
    const letGo = await desk.holdLedger();
    const asked = Date.now();
    await desk.ask(printed(goods, OWN));
    const said = await desk.answer('unreachable');
    expect(said).toContain(words);
    expect(said).toContain(`no answer within ${PATIENCE} s`);
    expect(Date.now() - asked).toBeGreaterThan(PATIENCE * 1_000 - 500);
    await letGo();
    await desk.close();
});
