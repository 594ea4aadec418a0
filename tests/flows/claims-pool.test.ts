// The insurer's own money and word: what it withdraws by notice, what leaves its pool in a day, whose tickets and keys it takes.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims } from '../../clients/ts/src';
import { expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    NOBODY,
    type Insurance,
    type Pool,
    claimAccounts,
    clerkAccounts,
    createInsurance,
    decideInstruction,
    eventsOf,
    insurerAccounts,
    poolAdmin,
    readClaim,
    readPool,
    settleInstruction,
    submitClaim,
    submitInstructions,
    ticketInstruction,
    withNewMember,
    withOthers,
    withinOneDay,
} from '../harness/insurance';
import { freshSigner } from '../harness/keys';
import { adminArgs } from '../harness/organizations';
import { whilePaused } from '../harness/pause';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';

const { ClaimStatus, PendReason, decision } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const DAY_SECONDS = 86_400;
/** Days between the announcement of a withdrawal and the withdrawal. */
const NOTICE_DAYS = 14;
const VISIT = { code: '99213', charge: 12_500n };

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

describe('a withdrawal', () => {
    const announce = async (pool: Pool, destination: Address, amount: bigint, by = insurerAccounts(pool)) =>
        chain.send([
            await claims.getAnnounceWithdrawalInstructionAsync({
                ...by,
                destination,
                admin: await poolAdmin(chain, pool),
                amount,
            }),
        ]);
    const cancel = async (pool: Pool) =>
        chain.send([
            await claims.getCancelWithdrawalInstructionAsync({
                ...insurerAccounts(pool),
                admin: await poolAdmin(chain, pool),
            }),
        ]);
    const withdraw = async (insurance: Insurance, destination: Address) => {
        const { config, vault, mint, tokenProgram } = await claimAccounts(insurance);
        const accounts = { ...insurerAccounts(insurance.pool), config, vault, mint, tokenProgram, destination };
        return chain.send([await claims.getWithdrawInstructionAsync(accounts)]);
    };
    const treasuryOf = ({ mint, insurer }: Pool) => tokenAccount(chain, mint, insurer.authority.address);

    test('is announced once, by staff who may, to an account that takes the money, and taken back', async () => {
        const insurance = await createInsurance(chain, { cents: 10_000n });
        const { pool } = insurance;
        const treasury = await treasuryOf(pool);
        await expectRefused(withdraw(insurance, treasury), 'NoWithdrawalAnnounced');
        await expectRefused(announce(pool, treasury, 0n), 'WithdrawalInvalid');
        await expectRefused(announce(pool, pool.vault, 1n), 'PayoutIsVault');
        await expectRefused(announce(pool, pool.mint.address, 1n), 'PayoutInvalid');
        const byClerk = await clerkAccounts(chain, pool, Permission.ManagePool);
        await expectRefused(announce(pool, treasury, 1n, byClerk), 'PermissionMissing');

        const before = await readPool(chain, pool);
        const dueFrom = (await chain.now()) + BigInt(NOTICE_DAYS * DAY_SECONDS);
        const [event] = await eventsOf(chain, await announce(pool, treasury, 500n));
        expect(event).toMatchObject({ name: 'WithdrawalAnnounced', data: { amount: 500n, destination: treasury } });
        const announced = await readPool(chain, pool);
        expect(announced).toMatchObject({
            sequence: before.sequence + 1n,
            withdrawal: 500n,
            withdrawalTo: treasury,
        });
        expect(announced.withdrawalAt).toBeGreaterThanOrEqual(dueFrom);
        await expectRefused(announce(pool, treasury, 1n), 'WithdrawalAlreadyAnnounced');
        await expectRefused(withdraw(insurance, treasury), 'WithdrawalNotDue');

        const [cancelled] = await eventsOf(chain, await cancel(pool));
        expect(cancelled).toMatchObject({ name: 'WithdrawalCancelled', data: { amount: 500n } });
        const after = await readPool(chain, pool);
        expect(after).toEqual({ ...before, sequence: before.sequence + 2n });
        await expectRefused(cancel(pool), 'NoWithdrawalAnnounced');
    });

    test('takes what is announced, in time, to the cent, and claims come first [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const insurance = await createInsurance(chain, { cents: 20_000n });
        const { pool } = insurance;
        const treasury = await treasuryOf(pool);
        const elsewhere = await tokenAccount(chain, pool.mint, (await freshSigner()).address);
        await announce(pool, treasury, 7_501n);
        expect((await submitClaim(chain, insurance, { lines: [VISIT] })).data.status).toBe(ClaimStatus.Paid);
        await chain.travel(NOTICE_DAYS * DAY_SECONDS + 1);
        await expectRefused(withdraw(insurance, elsewhere), 'WrongDestination');
        // 75.00 are left: a cent too little for what was announced.
        await expectRefused(withdraw(insurance, treasury), 'PoolUnderfunded');
        await cancel(pool);

        await announce(pool, treasury, 7_500n);
        await chain.travel(NOTICE_DAYS * DAY_SECONDS + 1);
        await whilePaused(chain, async () => {
            await expectRefused(withdraw(insurance, treasury), 'WithdrawalsPaused');
        });
        const [event] = await eventsOf(chain, await withdraw(insurance, treasury));
        expect(event).toMatchObject({ name: 'Withdrawn', data: { amount: 7_500n, destination: treasury } });
        expect(await centsIn(chain, pool.mint, treasury)).toBe(7_500n);
        expect(await readPool(chain, pool)).toMatchObject({ withdrawn: 7_500n, withdrawal: 0n, withdrawalTo: NOBODY });
        await expectPoolBalanced(chain, pool);
        await expectRefused(withdraw(insurance, treasury), 'NoWithdrawalAnnounced');
        // Nothing is left: who files now waits.
        const late = await submitClaim(chain, await withNewMember(chain, insurance), { lines: [VISIT] });
        expect(late.data.status).toBe(ClaimStatus.Payable);
        await expectPoolBalanced(chain, pool);
    });
});

test("what exceeds the pool's limit of a day waits for the insurer, then for the next day [time travel]", async ({
    skip,
}) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    const insurance = await createInsurance(chain);
    const { pool } = insurance;
    await withinOneDay(chain);
    const limit = async (cents: bigint) =>
        chain.send([
            await claims.getSetOutflowLimitInstructionAsync({
                ...insurerAccounts(pool),
                admin: await poolAdmin(chain, pool),
                limit: cents,
            }),
        ]);
    const [event] = await eventsOf(chain, await limit(13_500n));
    expect(event).toMatchObject({ name: 'OutflowLimitChanged', data: { old: 0n, new: 13_500n } });
    expect((await readPool(chain, pool)).outflowLimit).toBe(13_500n);

    expect((await submitClaim(chain, insurance, { lines: [VISIT] })).data.status).toBe(ClaimStatus.Paid);
    expect((await readPool(chain, pool)).outflow).toBe(12_500n);
    const whose = await withNewMember(chain, insurance);
    const above = await submitClaim(chain, whose, { lines: [{ code: '87880', charge: 1_001n }] });
    expect(above.data).toMatchObject({ status: ClaimStatus.Pended, pendReason: PendReason.OutflowLimit });
    // To the cent it is not exceeded.
    const exact = await submitClaim(chain, await withNewMember(chain, insurance), {
        lines: [{ code: '36415', charge: 1_000n }],
    });
    expect(exact.data.status).toBe(ClaimStatus.Paid);
    expect((await readPool(chain, pool)).outflow).toBe(13_500n);

    await chain.send([await decideInstruction(whose, above.claim, decision('Approve'))]);
    expect(await readClaim(chain, above.claim)).toMatchObject({ status: ClaimStatus.Payable, moneyReserved: true });
    await expectPoolBalanced(chain, pool);
    await expectRefused(chain.send([await settleInstruction(insurance, above.claim)]), 'OutflowLimitReached');
    await chain.travel(DAY_SECONDS);
    await chain.send([await settleInstruction(insurance, above.claim)]);
    expect((await readClaim(chain, above.claim)).status).toBe(ClaimStatus.Paid);
    expect(await readPool(chain, pool)).toMatchObject({ outflow: 1_001n, reservedForClaims: 0n, paid: 14_501n });
    await expectPoolBalanced(chain, pool);
});

describe('awards that are paid together', () => {
    const settleTogether = async (insurance: Insurance, ...settled: Address[]) => {
        const { config, agreement, pool, vault, payout, mint, tokenProgram } = await claimAccounts(insurance);
        const accounts = { config, agreement, pool, vault, payout, mint, tokenProgram };
        return chain.send([withOthers(await claims.getSettleClaimsInstructionAsync(accounts), settled)]);
    };

    test('are what the insurer makes of the agreement; one transfer pays them all, each once', async () => {
        const insurance = await createInsurance(chain);
        const { pool, provider } = insurance;
        const agreement = async () => (await claims.fetchAgreement(chain.rpc, provider.agreement, confirmed)).data;
        const { terms, sequence } = await agreement();
        expect(terms.netted).toBe(false);
        const [changed] = await eventsOf(
            chain,
            await chain.send([
                await claims.getSetAgreementTermsInstructionAsync({
                    ...insurerAccounts(pool),
                    agreement: provider.agreement,
                    admin: await adminArgs(chain, sequence),
                    terms: { ...terms, netted: true },
                }),
            ]),
        );
        expect(changed).toMatchObject({ name: 'AgreementTermsChanged', data: { old: terms } });
        expect(await agreement()).toMatchObject({ terms: { ...terms, netted: true }, sequence: sequence + 1n });

        const today = await chain.today();
        const filed = [];
        for (const daysAgo of [3, 4, 5]) {
            const { claim, data } = await submitClaim(chain, insurance, {
                lines: [VISIT],
                serviceDate: today - daysAgo,
            });
            expect(data).toMatchObject({ status: ClaimStatus.Payable, moneyReserved: true });
            filed.push(claim);
        }
        expect(await readPool(chain, pool)).toMatchObject({ paid: 0n, reservedForClaims: 37_500n });
        expect(await centsIn(chain, pool.mint, provider.payout)).toBe(0n);
        await expectPoolBalanced(chain, pool);

        const [event] = await eventsOf(chain, await settleTogether(insurance, ...filed));
        expect(event).toMatchObject({
            name: 'ClaimsSettled',
            data: { provider: provider.organization.address, payout: provider.payout, amount: 37_500n, paid: 0b111n },
        });
        for (const claim of filed) expect((await readClaim(chain, claim)).status).toBe(ClaimStatus.Paid);
        expect(await centsIn(chain, pool.mint, provider.payout)).toBe(37_500n);
        expect(await readPool(chain, pool)).toMatchObject({ paid: 37_500n, reservedForClaims: 0n });
        await expectPoolBalanced(chain, pool);
        await expectRefused(settleTogether(insurance, ...filed), 'NothingToSettle');
    });
});

describe('the insurer', () => {
    let insurance: Insurance;
    beforeAll(async () => {
        insurance = await createInsurance(chain);
    });

    test('changes the key of its desk, by which the tickets of the one before are void', async () => {
        const { pool } = insurance;
        const before = await readPool(chain, pool);
        const today = await chain.today();
        const ticket = { from: today - 30, to: today, nonce: 1n };
        const under = async (desk: Pool['desk'], whose: Insurance) => {
            const { claim, instructions } = await submitInstructions(chain, whose, { lines: [VISIT], ticket });
            const verification = await ticketInstruction(whose, ticket, desk);
            await chain.send([verification, ...instructions.slice(-1)]);
            return (await readClaim(chain, claim)).status;
        };
        expect(await under(pool.desk, insurance)).toBe(ClaimStatus.Paid);

        const desk = await freshSigner();
        const admin = await poolAdmin(chain, pool);
        const change = await claims.getSetTicketKeyInstructionAsync({
            ...insurerAccounts(pool),
            admin,
            ticketKey: desk.address,
        });
        const [event] = await eventsOf(chain, await chain.send([change]));
        expect(event).toMatchObject({
            name: 'TicketKeyChanged',
            data: { old: pool.desk.address, new: desk.address },
        });
        expect((await readPool(chain, pool)).ticketKey).toBe(desk.address);
        await expectRefused(chain.send([change]), 'AdminSequenceStale');
        const whose = await withNewMember(chain, insurance);
        await expectRefused(under(pool.desk, whose), 'TicketSignerMismatch');
        expect(await under(desk, whose)).toBe(ClaimStatus.Paid);
        expect((await readPool(chain, pool)).paid).toBe(before.paid + 25_000n);
    });

    test('gives a member another key, or none', async () => {
        const own = await withNewMember(chain, insurance);
        const { pool, member } = own;
        const before = await readPool(chain, pool);
        const read = async () => (await claims.fetchMember(chain.rpc, member.address, confirmed)).data;
        const give = async (authority: Address) =>
            chain.send([
                await claims.getSetMemberAuthorityInstructionAsync({
                    ...insurerAccounts(pool),
                    member: member.address,
                    admin: await adminArgs(chain, (await read()).sequence),
                    authority,
                }),
            ]);
        const authority = await freshSigner();
        const [event] = await eventsOf(chain, await give(authority.address));
        expect(event).toMatchObject({
            name: 'MemberAuthorityChanged',
            data: { member: member.address, authority: authority.address },
        });
        expect(await read()).toMatchObject({ authority: authority.address, sequence: 1n });
        await expectRefused(submitClaim(chain, own, { lines: [VISIT] }), 'NotMemberAuthority');
        const renewed = { ...own, member: { ...member, authority } };
        expect((await submitClaim(chain, renewed, { lines: [VISIT] })).data.status).toBe(ClaimStatus.Paid);
        await give(NOBODY);
        await expectRefused(
            submitClaim(chain, renewed, { lines: [VISIT], serviceDate: (await chain.today()) - 9 }),
            'NotMemberAuthority',
        );
        expect((await readPool(chain, pool)).paid).toBe(before.paid + 12_500n);
    });

    test("has a member's history grow when it is more than half full, and no sooner", async () => {
        const LINES = 10;
        const codes = Array.from({ length: LINES }, (_, index) => String(30_000 + index));
        const whose = await createInsurance(chain, {
            benefits: codes.map((code) => ({ code, allowed: 100n })),
        });
        const { history } = whose.member;
        const size = async () => (await chain.data(history))?.length ?? 0;
        const grow = async () =>
            chain.send([await claims.getGrowHistoryInstructionAsync({ payer: chain.payer, history })]);
        await expectRefused(grow(), 'HistoryHasRoom');
        const today = await chain.today();
        for (let n = 0; n < 7; n += 1) {
            const { data } = await submitClaim(chain, whose, {
                lines: codes.map((code) => ({ code, charge: 100n })),
                serviceDate: today - 3 - n,
            });
            expect(data).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: 1_000n } });
        }
        const before = { size: await size(), rent: await chain.balance(history) };
        const [event] = await eventsOf(chain, await grow());
        expect(event).toMatchObject({
            name: 'HistoryGrown',
            data: { history, member: whose.member.address, capacity: 256 },
        });
        expect(await size()).toBeGreaterThan(before.size);
        expect(await chain.balance(history)).toBeGreaterThan(before.rent);
        await expectRefused(grow(), 'HistoryHasRoom');
        // What stood in it stands in it.
        const again = await submitClaim(chain, whose, {
            lines: [{ code: codes[0]!, charge: 100n }],
            serviceDate: today - 3,
        });
        expect(again.data).toMatchObject({ status: ClaimStatus.Denied, lines: [{ denialReason: 18 }] });
    });
});
