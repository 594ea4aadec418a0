// A pool without money queues what it owes; anyone can have it paid once there is money. A pause holds back young awards.
import { beforeAll, describe, expect, test } from 'vitest';

import { claims, claimsEventSource, fetchEvents, registry } from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    createInsurance,
    enrolMember,
    fundPool,
    readClaim,
    readPool,
    settleInstruction,
    submitClaim,
    submitInstructions,
    withAccount,
} from '../harness/insurance';
import { freshSigner, roleSigner } from '../harness/keys';
import { adminArgs } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';

const { ClaimStatus } = claims;
const HOUR = 3_600;
const VISIT = { code: '99213', charge: 12_500n };

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

describe('a pool without enough money', () => {
    test('owes the claim, pays what it has and the rest when funded, and its books agree with its vault throughout', async () => {
        const insurance = await createInsurance(chain, { cents: 10_000n });
        const { claim, data } = await submitClaim(chain, insurance, { lines: [VISIT] });
        expect(data.status).toBe(ClaimStatus.Payable);
        expect(data.totals.paid).toBe(12_500n);
        expectBalanced(data);
        expect(await readPool(chain, insurance.pool)).toMatchObject({
            funded: 10_000n,
            paid: 0n,
            unfunded: 2_500n,
            reservedForClaims: 10_000n,
        });

        const settle = await settleInstruction(insurance, claim);
        await chain.send([settle]);
        expect(await readClaim(chain, claim)).toMatchObject({
            status: ClaimStatus.Payable,
            // Rounded down: the last cent comes with the rest.
            waiting: { drawn: 9_999n },
        });
        await expectRefused(chain.send([settle]), 'PoolUnderfunded');
        await fundPool(chain, insurance.pool, 2_500n);
        const { signature } = await chain.send([settle]);
        const settled = await readClaim(chain, claim);
        expect(settled.status).toBe(ClaimStatus.Paid);
        expect(settled.paidAt).toBeGreaterThanOrEqual(settled.awardedAt);
        expect(await readPool(chain, insurance.pool)).toMatchObject({ funded: 12_500n, paid: 12_500n, unfunded: 0n });
        expect(await centsIn(chain, insurance.pool.mint, insurance.pool.vault)).toBe(0n);
        expect(await centsIn(chain, insurance.pool.mint, insurance.provider.payout)).toBe(12_500n);
        const [event] = await fetchEvents(chain.rpc, signature, await claimsEventSource());
        expect(event).toMatchObject({
            name: 'ClaimPaid',
            data: { claim, payout: insurance.provider.payout, amount: 2_501n, left: 0n },
        });

        await expectRefused(chain.send([settle]), 'ClaimNotPayable');
    });

    test('lets no later claim overtake the queue', async () => {
        const insurance = await createInsurance(chain, { cents: 5_000n });
        await submitClaim(chain, insurance, { lines: [VISIT] });
        const member = await enrolMember(chain, insurance.pool, insurance.plan);
        const small = await submitClaim(
            chain,
            { ...insurance, member },
            { lines: [{ code: '36415', charge: 1_000n }] },
        );
        expect(small.data.status).toBe(ClaimStatus.Payable);
        expect(await readPool(chain, insurance.pool)).toMatchObject({
            paid: 0n,
            unfunded: 8_500n,
            reservedForClaims: 5_000n,
        });
    });

    test('pays to the account under the agreement only', async () => {
        const insurance = await createInsurance(chain, { cents: 0n });
        const { claim } = await submitClaim(chain, insurance, { lines: [VISIT] });
        await fundPool(chain, insurance.pool, 12_500n);
        const settle = await settleInstruction(insurance, claim);
        const thief = await tokenAccount(chain, insurance.pool.mint, (await freshSigner()).address);
        await expectRefused(chain.send([withAccount(settle, insurance.provider.payout, thief)]), 'WrongPayout');
        const elsewhere = await createInsurance(chain);
        await expectRefused(
            chain.send([withAccount(settle, insurance.pool.vault, elsewhere.pool.vault)]),
            'WrongVault',
        );
        await expectRefused(
            chain.send([withAccount(settle, insurance.pool.mint.address, elsewhere.pool.mint.address)]),
            'WrongMint',
        );
        await expectRefused(
            chain.send([withAccount(settle, insurance.pool.address, elsewhere.pool.address)]),
            'WrongVault',
        );
        expect((await readClaim(chain, claim)).status).toBe(ClaimStatus.Payable);
        expect(await centsIn(chain, elsewhere.pool.mint, elsewhere.pool.vault)).toBe(1_000_000n);
    });
});

test('in a pause nothing is awarded, young awards wait, and old ones are paid [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    const insurance = await createInsurance(chain, { cents: 0n });
    const { claim } = await submitClaim(chain, insurance, { lines: [VISIT] });

    const guardian = await roleSigner('guardian');
    const [configAddress] = await registry.findConfigPda();
    const config = async () => (await registry.fetchConfig(chain.rpc, configAddress, { commitment: 'confirmed' })).data;
    const { pause } = await config();
    const cooledDown = pause.until + 73n * 3_600n - (await chain.now());
    if (pause.until !== 0n && cooledDown > 0n) await chain.travel(Number(cooledDown));
    // The travel has aged the first award; this one is young.
    const young = await submitClaim(
        chain,
        { ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) },
        { lines: [VISIT] },
    );
    expect(young.data.status).toBe(ClaimStatus.Payable);
    // For these two, and no more.
    await fundPool(chain, insurance.pool, 2n * young.data.totals.paid);

    await chain.send([
        await registry.getPauseInstructionAsync({
            guardian,
            admin: await adminArgs(chain, (await config()).sequence),
            duration: 48 * HOUR,
        }),
    ]);
    const another = await submitInstructions(
        chain,
        { ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) },
        { lines: [VISIT] },
    );
    await expectRefused(chain.send(another.instructions), 'AwardsPaused');
    await expectRefused(chain.send([await settleInstruction(insurance, young.claim)]), 'AwardTooYoung');

    await chain.travel(25 * HOUR);
    await chain.send([await settleInstruction(insurance, young.claim)]);
    expect((await readClaim(chain, young.claim)).status).toBe(ClaimStatus.Paid);
    await expectRefused(chain.send(another.instructions), 'AwardsPaused');
    await chain.travel(24 * HOUR);
    await chain.send([await settleInstruction(insurance, claim)]);
    await chain.send(another.instructions);
    expect((await readClaim(chain, another.claim)).status).toBe(ClaimStatus.Payable);
});
