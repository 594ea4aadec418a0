// What exceeds the agreement's limits or looks like a duplicate waits for the insurer; the insurer decides.
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims, claimsEventSource, fetchEvents, readStated } from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    claimAccounts,
    createInsurance,
    decideInstruction,
    enrolMember,
    insurerAccounts,
    readClaim,
    readPool,
    submitClaim,
    withinOneDay,
} from '../harness/insurance';
import { freshSigner } from '../harness/keys';
import { addStaff } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { AdjustmentGroup, ClaimFactKind, ClaimStatus, PendReason, decision } = claims;
const VISIT = { code: '99213', charge: 12_500n };
const SWAB = { code: '87880', charge: 2_000n };
const DRAW = { code: '36415', charge: 1_000n };

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

const readHistory = async (insurance: Insurance) =>
    (await claims.fetchHistory(chain.rpc, insurance.member.history, { commitment: 'confirmed' })).data;
const historyOf = async (insurance: Insurance) => (await readHistory(insurance)).count;

describe('above the limit for one claim', () => {
    let insurance: Insurance;
    beforeAll(async () => {
        insurance = await createInsurance(chain, { agreement: { limitPerClaim: 10_000n } });
    });
    const somebody = async () => ({ ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) });

    test('the claim waits, unpaid; approved, it is paid whatever the limit', async () => {
        const whose = await somebody();
        const waiting = await submitClaim(chain, whose, { lines: [VISIT] });
        expect(waiting.data).toMatchObject({
            status: ClaimStatus.Pended,
            pendReason: PendReason.ClaimLimit,
            awardedAt: 0n,
        });
        expect(waiting.data.totals.paid).toBe(0n);
        expect(await historyOf(whose)).toBe(1);
        const before = await centsIn(chain, insurance.pool.mint, insurance.provider.payout);

        const { signature } = await chain.send([await decideInstruction(whose, waiting.claim, decision('Approve'))]);
        const decided = await readClaim(chain, waiting.claim);
        expect(decided).toMatchObject({ status: ClaimStatus.Paid, pendReason: PendReason.None });
        expectBalanced(decided);
        expect((await centsIn(chain, insurance.pool.mint, insurance.provider.payout)) - before).toBe(12_500n);
        expect(await historyOf(whose)).toBe(1);

        const events = await fetchEvents(chain.rpc, signature, await claimsEventSource());
        expect(events.find(({ name }) => name === 'ClaimDecided')?.data).toEqual({
            claim: waiting.claim,
            pool: decided.pool,
            provider: decided.provider,
            decider: insurance.pool.insurer.staff.address,
            status: decided.status,
            paid: decided.totals.paid,
            offset: 0n,
            interest: 0n,
            payout: insurance.provider.payout,
        });
    });

    test('denied, it is paid to nobody, and filed again it waits for a person', async () => {
        const whose = await somebody();
        const waiting = await submitClaim(chain, whose, { lines: [VISIT] });
        await chain.send([
            await decideInstruction(
                whose,
                waiting.claim,
                decision('Deny', { group: AdjustmentGroup.Contractual, reason: 50 }),
            ),
        ]);
        const decided = await readClaim(chain, waiting.claim);
        expect(decided.status).toBe(ClaimStatus.Denied);
        expect(decided.lines[0]).toMatchObject({
            denialGroup: AdjustmentGroup.Contractual,
            denialReason: 50,
            paid: 0n,
        });
        expectBalanced(decided);
        expect(await readHistory(whose)).toMatchObject({ count: 0, denied: 1 });

        const corrected = await submitClaim(chain, whose, {
            lines: [{ ...VISIT, charge: 9_000n }],
            serviceDate: decided.serviceDate,
        });
        expect(corrected.data).toMatchObject({ status: ClaimStatus.Pended, pendReason: PendReason.DeniedBefore });
        expect(await readHistory(whose)).toMatchObject({ count: 1, denied: 1 });

        await chain.send([await decideInstruction(whose, corrected.claim, decision('Approve'))]);
        const approved = await readClaim(chain, corrected.claim);
        expect(approved.status).toBe(ClaimStatus.Paid);
        expectBalanced(approved);
    });

    test('approved without some of its lines, the others are paid', async () => {
        const whose = await somebody();
        const waiting = await submitClaim(chain, whose, { lines: [VISIT, SWAB, DRAW] });
        expect(waiting.data.pendReason).toBe(PendReason.ClaimLimit);
        const before = await centsIn(chain, insurance.pool.mint, insurance.provider.payout);
        const inPart = (notNecessary: number, levelUnsupported: number) =>
            decideInstruction(whose, waiting.claim, decision('ApproveInPart', { notNecessary, levelUnsupported }));
        await expectRefused(chain.send([await inPart(0, 0)]), 'FindingsEmpty');
        await expectRefused(chain.send([await inPart(0b001, 0b001)]), 'FindingsOverlap');
        await chain.send([await inPart(0b001, 0b100)]);
        const decided = await readClaim(chain, waiting.claim);
        expect(decided).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: SWAB.charge } });
        expect(decided.lines.map(({ denialReason }) => denialReason)).toEqual([50, 0, 150]);
        expect(readStated((await chain.data(waiting.claim)) ?? new Uint8Array()).facts).toMatchObject([
            { line: 0, kind: ClaimFactKind.NotNecessary },
            { line: 2, kind: ClaimFactKind.LevelUnsupported },
        ]);
        expectBalanced(decided);
        expect((await centsIn(chain, insurance.pool.mint, insurance.provider.payout)) - before).toBe(SWAB.charge);
    });

    test('is decided once, by staff of the insurer who may, and with a reason', async () => {
        const whose = await somebody();
        const waiting = await submitClaim(chain, whose, { lines: [VISIT] });
        const approve = await decideInstruction(whose, waiting.claim, decision('Approve'));

        const clerk = await freshSigner();
        const record = await addStaff(chain, insurance.pool.insurer, clerk.address, Permission.EnrolMember);
        const byTheClerk = await claims.getDecideClaimInstructionAsync({
            ...(await claimAccounts(whose)),
            ...insurerAccounts(insurance.pool),
            operator: clerk,
            operatorRecord: record,
            claim: waiting.claim,
            decision: decision('Approve'),
            facts: 0,
        });
        await expectRefused(chain.send([byTheClerk]), 'PermissionMissing');

        const { staff, staffRecord } = insurance.provider.organization;
        const byTheProvider = await claims.getDecideClaimInstructionAsync({
            ...(await claimAccounts(whose)),
            ...insurerAccounts(insurance.pool),
            operator: staff,
            operatorRecord: staffRecord,
            claim: waiting.claim,
            decision: decision('Approve'),
            facts: 0,
        });
        await expectRefused(chain.send([byTheProvider]), 'OperatorOfOtherOrganization');

        const noReason = decision('Deny', { group: AdjustmentGroup.Contractual, reason: 0 });
        await expectRefused(
            chain.send([await decideInstruction(whose, waiting.claim, noReason)]),
            'DenialReasonInvalid',
        );
        expect((await readClaim(chain, waiting.claim)).status).toBe(ClaimStatus.Pended);

        await chain.send([approve]);
        await expectRefused(chain.send([approve]), 'ClaimNotPended');
    });
});

test('above the limit for one day the claim waits; the next day is another [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    const insurance = await createInsurance(chain, { agreement: { limitPerDay: 20_000n } });
    const somebody = async () => ({ ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) });
    await withinOneDay(chain);

    expect((await submitClaim(chain, await somebody(), { lines: [VISIT] })).data.status).toBe(ClaimStatus.Paid);
    const second = await submitClaim(chain, await somebody(), { lines: [VISIT] });
    expect(second.data).toMatchObject({ status: ClaimStatus.Pended, pendReason: PendReason.DayLimit });
    await chain.travel(86_400);
    expect((await submitClaim(chain, await somebody(), { lines: [VISIT] })).data.status).toBe(ClaimStatus.Paid);
});

test('the same member, provider and date with another procedure variant waits as a suspected duplicate', async () => {
    const insurance = await createInsurance(chain);
    const serviceDate = (await chain.today()) - 3;
    const first = await submitClaim(chain, insurance, { lines: [VISIT], serviceDate });
    expect(first.data.status).toBe(ClaimStatus.Paid);
    const modifiers = new Uint8Array([1, 2, 3, 4]);
    const second = await submitClaim(chain, insurance, { lines: [{ ...VISIT, modifiers }], serviceDate });
    expect(second.data).toMatchObject({ status: ClaimStatus.Pended, pendReason: PendReason.SuspectDuplicate });
    expect((await readPool(chain, insurance.pool)).paid).toBe(12_500n);
});
