// A reinsurer takes over what of a claim and of the year is beyond the insurer's own part: its layer is drawn by itself, and given back.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { claims, registry } from '../../clients/ts/src';
import { expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    claimAccounts,
    createInsurance,
    eventsOf,
    insurerAccounts,
    readClaim,
    readPool,
    reverseInstruction,
    submitClaim,
    withOthers,
} from '../harness/insurance';
import { freshSigner } from '../harness/keys';
import { type Organization, adminArgs, createOrganization } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';

const { ClaimStatus, TreatyStatus } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const DAY_SECONDS = 86_400;
/** Days between the announcement of a withdrawal and the withdrawal. */
const NOTICE_DAYS = 14;
/** What the reinsurer puts into its layer. */
const LAYER = 50_000n;
/** The most that the terms below take over: of single claims and of the year. */
const MOST = 10_000n + 4_000n;

/** A treaty of the insurance's pool. */
type Treaty = {
    readonly insurance: Insurance;
    readonly reinsurer: Organization;
    readonly address: Address;
    readonly layer: Address;
};

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

/**
 * What a claim awards beyond 50.00, up to 60.00 a claim and 100.00 in all; and up to 40.00 of what the pool bears itself beyond
 * 120.00, of awards from today on.
 */
async function cover(): Promise<claims.TreatyTermsLike> {
    const from = await chain.today();
    return {
        from,
        to: from + 60,
        runoffDays: 30,
        claimAttachment: 5_000n,
        claimLimit: 6_000n,
        claimsLimit: 10_000n,
        yearAttachment: 12_000n,
        yearLimit: 4_000n,
    };
}

const offerInstruction = async ({ pool }: Insurance, reinsurer: Organization, number: number) =>
    claims.getOfferTreatyInstructionAsync({
        ...insurerAccounts(pool),
        reinsurer: reinsurer.address,
        number,
        terms: await cover(),
    });

/** A treaty that the insurer has offered. */
async function offer(number = 0): Promise<Treaty> {
    const insurance = await createInsurance(chain);
    const reinsurer = await createOrganization(chain, registry.OrganizationKind.Insurer);
    const [address] = await claims.findTreatyPda({ pool: insurance.pool.address, number });
    const [layer] = await claims.findLayerPda({ treaty: address });
    await chain.send([await offerInstruction(insurance, reinsurer, number)]);
    return { insurance, reinsurer, address, layer };
}

const read = async ({ address }: Treaty) => (await claims.fetchTreaty(chain.rpc, address, confirmed)).data;
const treatyAdmin = async (treaty: Treaty) => adminArgs(chain, (await read(treaty)).sequence);
/** The accounts with which the reinsurer's staff acts. */
const staffOf = ({ reinsurer, address }: Treaty, by: Organization = reinsurer) => ({
    operator: by.staff,
    operatorRecord: by.staffRecord,
    reinsurer: by.address,
    treaty: address,
});

const accept = async (treaty: Treaty, by?: Organization) => {
    const { pool, vault, mint, tokenProgram } = await claimAccounts(treaty.insurance);
    const accounts = { pool, vault, mint, tokenProgram, ...staffOf(treaty, by) };
    return chain.send([
        await claims.getAcceptTreatyInstructionAsync({ ...accounts, admin: await treatyAdmin(treaty) }),
    ]);
};

const fund = async ({ insurance: { pool }, address, layer }: Treaty, cents: bigint) => {
    const funder = await freshSigner();
    const source = await tokenAccount(chain, pool.mint, funder.address, LAYER);
    return chain.send([
        await claims.getFundLayerInstructionAsync({
            funder,
            source,
            pool: pool.address,
            treaty: address,
            layerVault: layer,
            mint: pool.mint.address,
            tokenProgram: pool.mint.program,
            amount: cents,
        }),
    ]);
};

const cede = async ({ insurance, address, layer }: Treaty, ...ceded: Address[]) => {
    const { pool, vault, mint, tokenProgram } = await claimAccounts(insurance);
    const accounts = { pool, vault, mint, tokenProgram, treaty: address, layerVault: layer };
    return chain.send([withOthers(await claims.getCedeClaimsInstructionAsync(accounts), ceded)]);
};

/** A treaty in force with [`LAYER`] cents in its layer. */
async function inForce(): Promise<Treaty> {
    const treaty = await offer();
    await accept(treaty);
    await fund(treaty, LAYER);
    return treaty;
}

/** Awards `cents`, up to 250.00, for services so many days ago. */
async function award({ insurance }: Treaty, cents: bigint, daysAgo: number): Promise<Address> {
    const { claim, data } = await submitClaim(chain, insurance, {
        lines: [{ code: '99213', charge: cents, units: 2 }],
        serviceDate: (await chain.today()) - daysAgo,
    });
    expect(data).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: cents } });
    return claim;
}

/** What the treaty counts and what its layer's vault holds, to the cent; and that the pool's books agree with its own. */
async function expectBooks(treaty: Treaty, wanted: { claims: number; awards: bigint; held: bigint }) {
    const { claims: count, awards, funded, drawn, returned, withdrawn } = await read(treaty);
    expect({ claims: count, awards, held: funded + returned - drawn - withdrawn }).toEqual(wanted);
    expect(await centsIn(chain, treaty.insurance.pool.mint, treaty.layer)).toBe(wanted.held);
    await expectPoolBalanced(chain, treaty.insurance.pool);
}

describe('a treaty', () => {
    test('is offered by the insurer, accepted by the reinsurer, and funded by anybody', async () => {
        const treaty = await offer(3);
        const { insurance, reinsurer, layer } = treaty;
        expect(await read(treaty)).toMatchObject({
            status: TreatyStatus.Offered,
            number: 3,
            pool: insurance.pool.address,
            reinsurer: reinsurer.address,
        });
        await expectRefused(
            chain.send([await offerInstruction(insurance, insurance.pool.insurer, 4)]),
            'ReinsurerIsInsurer',
        );
        await expectRefused(
            chain.send([await offerInstruction(insurance, insurance.provider.organization, 4)]),
            'NotAnInsurer',
        );
        await expectRefused(accept(treaty, insurance.pool.insurer), 'TreatyOfOtherReinsurer');
        await expectRefused(cede(treaty), 'WrongLayerVault');

        const [accepted] = await eventsOf(chain, await accept(treaty));
        expect(accepted).toMatchObject({
            name: 'TreatyAccepted',
            data: { treaty: treaty.address, operator: reinsurer.staff.address },
        });
        const { terms, ...data } = await read(treaty);
        expect(data).toMatchObject({ status: TreatyStatus.InForce, vault: layer, sequence: 1n });
        expect((await readPool(chain, insurance.pool)).rounds.reinsuredUntil).toBe(terms.to);

        await expectRefused(fund(treaty, 0n), 'FundingInvalid');
        const [funded] = await eventsOf(chain, await fund(treaty, 700n));
        expect(funded).toMatchObject({ name: 'LayerFunded', data: { amount: 700n, funded: 700n } });
        await expectBooks(treaty, { claims: 0, awards: 0n, held: 700n });

        // Another one for the same days: no award is covered twice.
        const [address] = await claims.findTreatyPda({ pool: insurance.pool.address, number: 4 });
        const [other] = await claims.findLayerPda({ treaty: address });
        await chain.send([await offerInstruction(insurance, reinsurer, 4)]);
        await expectRefused(accept({ insurance, reinsurer, address, layer: other }), 'TreatiesOverlap');
    });
});

describe('what passes the attachment points', () => {
    test('is drawn by whoever says so, each claim once, up to the limits of claim and year', async () => {
        const treaty = await inForce();
        const { pool } = treaty.insurance;
        const first = await award(treaty, 8_000n, 3);
        const before = await readPool(chain, pool);
        // 80.00: 30.00 are in the layer of the claim.
        const [event] = await eventsOf(chain, await cede(treaty, first));
        expect(event).toMatchObject({
            name: 'ClaimsCeded',
            data: { claims: 1, awards: 8_000n, recoverable: 3_000n, drawn: 3_000n, returned: 0n },
        });
        expect((await readPool(chain, pool)).funded).toBe(before.funded + 3_000n);
        expect((await readClaim(chain, first)).treaty).toBe(1);
        await expectRefused(cede(treaty, first), 'NothingToCede');
        await expectBooks(treaty, { claims: 1, awards: 8_000n, held: LAYER - 3_000n });

        // 160.00, of which 60.00 are the most; of 240.00 the pool bears 150.00 itself, 30.00 beyond the year's point.
        const second = await award(treaty, 16_000n, 4);
        const [both] = await eventsOf(chain, await cede(treaty, first, second));
        expect(both).toMatchObject({ data: { recoverable: 12_000n, drawn: 9_000n } });
        // The limits of both layers: 100.00 and 40.00.
        const third = await award(treaty, 25_000n, 5);
        const [last] = await eventsOf(chain, await cede(treaty, third));
        expect(last).toMatchObject({ data: { claims: 3, recoverable: MOST, drawn: 2_000n } });
        await expectBooks(treaty, { claims: 3, awards: 49_000n, held: LAYER - MOST });
    });

    test('is no award of another pool, and goes back when the claim is taken back', async () => {
        const [treaty, other] = [await inForce(), await createInsurance(chain)];
        const elsewhere = await submitClaim(chain, other, { lines: [{ code: '99213', charge: 8_000n }] });
        await expectRefused(cede(treaty, elsewhere.claim), 'ClaimOfOtherPool');
        const [first, second] = [await award(treaty, 8_000n, 3), await award(treaty, 16_000n, 4)];
        await cede(treaty, first, second);
        await expectBooks(treaty, { claims: 2, awards: 24_000n, held: LAYER - 12_000n });
        await chain.send([await reverseInstruction(treaty.insurance, second)]);
        const [event] = await eventsOf(chain, await cede(treaty, second));
        expect(event).toMatchObject({ data: { claims: 1, recoverable: 3_000n, drawn: 0n, returned: 9_000n } });
        expect((await readClaim(chain, second)).treaty).toBe(0);
        await expectBooks(treaty, { claims: 1, awards: 8_000n, held: LAYER - 3_000n });
        await expectRefused(cede(treaty, first, second), 'NothingToCede');
    });
});

describe('the reinsurer', () => {
    const announce = async (treaty: Treaty, destination: Address, amount: bigint, by?: Organization) =>
        chain.send([
            await claims.getAnnounceLayerWithdrawalInstructionAsync({
                ...staffOf(treaty, by),
                pool: treaty.insurance.pool.address,
                destination,
                admin: await treatyAdmin(treaty),
                amount,
            }),
        ]);
    const cancel = async (treaty: Treaty) =>
        chain.send([
            await claims.getCancelLayerWithdrawalInstructionAsync({
                ...staffOf(treaty),
                admin: await treatyAdmin(treaty),
            }),
        ]);
    const withdraw = async (treaty: Treaty, destination: Address) => {
        const { config, pool, mint, tokenProgram } = await claimAccounts(treaty.insurance);
        const accounts = { config, pool, mint, tokenProgram, destination, layerVault: treaty.layer };
        return chain.send([await claims.getWithdrawFromLayerInstructionAsync({ ...accounts, ...staffOf(treaty) })]);
    };

    test('announces a withdrawal, to an account of its own, and takes it back', async () => {
        const treaty = await inForce();
        const { pool } = treaty.insurance;
        const destination = await tokenAccount(chain, pool.mint, treaty.reinsurer.authority.address);
        await expectRefused(withdraw(treaty, destination), 'NoWithdrawalAnnounced');
        await expectRefused(announce(treaty, destination, 0n), 'WithdrawalInvalid');
        await expectRefused(announce(treaty, treaty.layer, 5_000n), 'PayoutIsVault');
        await expectRefused(announce(treaty, destination, 5_000n, pool.insurer), 'TreatyOfOtherReinsurer');

        const dueFrom = (await chain.now()) + BigInt(NOTICE_DAYS * DAY_SECONDS);
        const [announced] = await eventsOf(chain, await announce(treaty, destination, 5_000n));
        expect(announced).toMatchObject({ name: 'LayerWithdrawalAnnounced', data: { amount: 5_000n, destination } });
        const data = await read(treaty);
        expect(data).toMatchObject({ withdrawal: 5_000n, withdrawalTo: destination });
        expect(data.withdrawalAt).toBeGreaterThanOrEqual(dueFrom);
        await expectRefused(announce(treaty, destination, 1n), 'WithdrawalAlreadyAnnounced');
        await expectRefused(withdraw(treaty, destination), 'WithdrawalNotDue');

        const [cancelled] = await eventsOf(chain, await cancel(treaty));
        expect(cancelled).toMatchObject({ name: 'LayerWithdrawalCancelled', data: { amount: 5_000n } });
        expect(await read(treaty)).toMatchObject({ withdrawal: 0n, withdrawalAt: 0n });
        await expectRefused(cancel(treaty), 'NoWithdrawalAnnounced');
        await expectRefused(withdraw(treaty, destination), 'NoWithdrawalAnnounced');
        await expectBooks(treaty, { claims: 0, awards: 0n, held: LAYER });
    });

    test('withdraws in time what the pool can no longer draw, and not a cent more [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const treaty = await inForce();
        const { pool } = treaty.insurance;
        const destination = await tokenAccount(chain, pool.mint, treaty.reinsurer.authority.address);
        const elsewhere = await tokenAccount(chain, pool.mint, (await freshSigner()).address);
        const free = LAYER - MOST;
        for (const [amount, refusal] of [
            [free + 1n, 'LayerExposed'],
            [free, undefined],
        ] as const) {
            await announce(treaty, destination, amount);
            await chain.travel(NOTICE_DAYS * DAY_SECONDS + 1);
            await expectRefused(withdraw(treaty, elsewhere), 'WrongDestination');
            if (refusal === undefined) continue;
            await expectRefused(withdraw(treaty, destination), refusal);
            await cancel(treaty);
        }
        const [event] = await eventsOf(chain, await withdraw(treaty, destination));
        expect(event).toMatchObject({ name: 'LayerWithdrawn', data: { amount: free, destination } });
        expect(await centsIn(chain, pool.mint, destination)).toBe(free);
        await expectBooks(treaty, { claims: 0, awards: 0n, held: MOST });
    });
});
