// Dispensing with a wallet: once, and the second time refused by name.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { Level, provenance, recordAddress } from '../../clients/ts/src';
import type { Chain } from '../../tests/harness/chain';
import { connect } from '../../tests/harness/connect';
import { freshSigner } from '../../tests/harness/keys';
import { Desk, type Visit, launch } from './harness/browser';
import { type Stock, printed, renewCredential, stock } from './harness/story';

let browser: Browser;
let chain: Chain;
let goods: Stock;
beforeAll(async () => {
    [browser, chain] = await Promise.all([launch(), connect()]);
    goods = await stock(chain);
});
afterAll(() => browser?.close());

async function counter(visit: Visit = {}): Promise<Desk> {
    const { pharmacy } = goods.packs;
    const desk = await Desk.open(browser, { pharmacy: pharmacy.address, wallet: pharmacy.staff, ...visit });
    await desk.addLeaves(goods.leaves);
    return desk;
}

const record = async (index: number) => {
    const address = await recordAddress(goods.packs.batch, 'dispense', { level: Level.Pack, index: BigInt(index) });
    return provenance.fetchMaybeDispense(chain.rpc, address, { commitment: 'confirmed' });
};

async function connectWallet({ page }: Desk): Promise<void> {
    await page.getByRole('button', { name: 'Connect Test Wallet' }).click();
    await page.getByRole('button', { name: 'Dispense this pack' }).waitFor();
}

test('a pack is dispensed once; whoever looked before is refused by name', async () => {
    const code = printed(goods, 2);
    const [first, second] = [await counter(), await counter()];
    for (const desk of [first, second]) {
        await desk.ask(code);
        await desk.answer('sellable');
        await connectWallet(desk);
    }
    await first.journey();
    await first.inspect('dispense-en');
    await first.page.getByRole('button', { name: 'Dispense this pack' }).click();
    const said = await first.answer('dispensed');
    expect(said).toContain('Dispensed. The ledger has recorded it.');
    expect(said).toContain('It was dispensed at your pharmacy.');
    expect(await first.journey()).toContain('dispensed at');
    await first.inspect('dispense-done-en');
    const kept = await record(2);
    expect(kept).toMatchObject({
        exists: true,
        data: { pharmacy: goods.packs.pharmacy.address, operator: goods.packs.pharmacy.staff.address, isHandedOut: 0 },
    });

    await second.page.getByRole('button', { name: 'Dispense this pack' }).click();
    const refused = second.page.locator('[data-failure]');
    await refused.waitFor();
    expect(await refused.getAttribute('data-failure')).toBe('AlreadyDispensed');
    expect(await refused.innerText()).toContain('It has been dispensed before');
    // The answer from before does not stand any longer.
    expect(await second.answer('dispensed')).toContain('Already dispensed on');
    await second.journey();
    await second.inspect('dispense-refused-en');
    expect(await second.page.getByRole('button', { name: 'Dispense this pack' }).count()).toBe(0);
    for (const desk of [first, second]) await desk.close();
});

test('what is handed out at once is recorded so', async () => {
    const desk = await counter();
    await desk.ask(printed(goods, 6));
    await desk.answer('sellable');
    await connectWallet(desk);
    await desk.page.getByRole('checkbox').check();
    await desk.page.getByRole('button', { name: 'Dispense this pack' }).click();
    expect(await desk.answer('dispensed')).toContain('It has left the pharmacy.');
    expect(await record(6)).toMatchObject({ data: { isHandedOut: 1 } });
    await desk.close();
});

test('a key that is not of the pharmacy is refused, in Spanish too, and nothing is recorded', async () => {
    const stranger = await freshSigner();
    await chain.fund([stranger.address], 1);
    const desk = await counter({ wallet: stranger, language: 'es' });
    await desk.ask(printed(goods, 7));
    await desk.answer('sellable');
    await desk.page.getByRole('button', { name: 'Conectar Test Wallet' }).click();
    await desk.page.getByRole('button', { name: 'Dispensar este envase' }).click();
    const refused = desk.page.locator('[data-failure]');
    await refused.waitFor();
    expect(await refused.getAttribute('data-failure')).toBe('AccountNotInitialized');
    expect(await refused.innerText()).toContain('Su clave no consta como personal de la farmacia');
    await desk.journey();
    await desk.inspect('dispense-stranger-es');
    expect(await record(7)).toMatchObject({ exists: false });
    await desk.close();
});

test('of several credentials the one that is valid is used; a revoked one alone is refused by name', async () => {
    const [renewed, revoked] = [await stock(chain), await stock(chain)];
    await renewCredential(chain, renewed, true);
    await renewCredential(chain, revoked, false);
    for (const of of [renewed, revoked]) {
        const { pharmacy } = of.packs;
        const desk = await Desk.open(browser, { pharmacy: pharmacy.address, wallet: pharmacy.staff });
        await desk.addLeaves(of.leaves);
        await desk.ask(printed(of, 2));
        await desk.answer('sellable');
        await connectWallet(desk);
        await desk.page.getByRole('button', { name: 'Dispense this pack' }).click();
        if (of === renewed) await desk.answer('dispensed');
        else {
            const refused = desk.page.locator('[data-failure]');
            await refused.waitFor();
            expect(await refused.getAttribute('data-failure')).toBe('CredentialRevoked');
        }
        await desk.close();
    }
});

test('without a wallet the page says what is missing', async () => {
    const desk = await Desk.open(browser, { pharmacy: goods.packs.pharmacy.address });
    await desk.addLeaves(goods.leaves);
    await desk.ask(printed(goods, 1));
    await desk.answer('sellable');
    expect(await desk.page.locator('section[aria-labelledby="dispense"]').innerText()).toContain(
        'No wallet that can sign',
    );
    await desk.close();
});
