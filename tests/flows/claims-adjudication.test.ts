// A claim is submitted, adjudicated line by line, and paid; what is not paid says why.
import { beforeAll, describe, expect, test } from 'vitest';

import { claims, claimsEventSource, fetchEvents } from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    createInsurance,
    enrolMember,
    readPool,
    submitClaim,
    submitInstructions,
} from '../harness/insurance';
import { randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { AdjustmentGroup, ClaimStatus } = claims;
const VISIT = { code: '99213', charge: 17_500n };

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

const paidOut = (insurance: Insurance) => centsIn(chain, insurance.pool.mint, insurance.provider.payout);

/** Group and reason of each line that was denied; nothing for the others. */
const denials = (claim: claims.Claim) =>
    claim.lines.map(({ denialGroup, denialReason }) =>
        denialReason === 0 ? null : `${AdjustmentGroup[denialGroup]} ${denialReason}`,
    );

describe('a claim under a plan with a deductible and coinsurance', () => {
    let insurance: Insurance;
    beforeAll(async () => {
        insurance = await createInsurance(chain, {
            terms: { deductible: { individual: 5_000n, family: null }, coinsuranceBps: 2_000 },
        });
    });

    test('is cut to the schedule, shared with the patient, denied where not covered, and paid at once', async () => {
        const before = await readPool(chain, insurance.pool);
        const claim = await submitClaim(chain, insurance, {
            lines: [VISIT, { code: '87880', charge: 3_500n }, { code: '15780', charge: 50_000n }],
        });
        expect(claim.data.status).toBe(ClaimStatus.Paid);
        expect(denials(claim.data)).toEqual([null, null, 'Patient 204']);
        // 12500 allowed: 5000 deductible, 20 % of the rest 1500, paid 6000. 2000 allowed: 400 coinsurance, paid 1600.
        expect(claim.data.lines[0]).toMatchObject({
            allowed: 12_500n,
            overFee: 5_000n,
            deductible: 5_000n,
            coinsurance: 1_500n,
            paid: 6_000n,
        });
        expect(claim.data.lines[1]).toMatchObject({
            allowed: 2_000n,
            overFee: 1_500n,
            deductible: 0n,
            coinsurance: 400n,
            paid: 1_600n,
        });
        expect(claim.data.lines[2]).toMatchObject({ allowed: 0n, paid: 0n });
        expectBalanced(claim.data);

        expect(await paidOut(insurance)).toBe(7_600n);
        const after = await readPool(chain, insurance.pool);
        expect(after.paid - before.paid).toBe(7_600n);
        expect(await centsIn(chain, insurance.pool.mint, insurance.pool.vault)).toBe(after.funded - after.paid);

        const { data: member } = await claims.fetchMember(chain.rpc, insurance.member.address, {
            commitment: 'confirmed',
        });
        const year = new Date(claim.data.serviceDate * 86_400_000).getUTCFullYear();
        const period = member.periods.find((one) => one.year === year);
        expect(period?.inNetwork).toMatchObject({ deductibleIndividual: 5_000n, outOfPocketIndividual: 6_900n });
        expect(period?.annualUsed).toBe(7_600n);
    });

    test('emits what its account says', async () => {
        const member = await enrolMember(chain, insurance.pool, insurance.plan);
        const claim = await submitClaim(chain, { ...insurance, member }, { lines: [VISIT] });
        const events = await fetchEvents(chain.rpc, claim.signature, await claimsEventSource());
        const { status, pendReason, totals } = claim.data;
        expect(events.map(({ name }) => name).sort()).toEqual(['ClaimAdjudicated']);
        expect(events.find(({ name }) => name === 'ClaimAdjudicated')?.data).toEqual({
            claim: claim.claim,
            pool: claim.data.pool,
            provider: claim.data.provider,
            status,
            pendReason,
            charge: totals.charge,
            allowed: totals.allowed,
            paid: totals.paid,
            patient: totals.patient,
            offset: 0n,
            payout: insurance.provider.payout,
        });
    });

    test('owes nothing where the deductible takes it all', async () => {
        const member = await enrolMember(chain, insurance.pool, insurance.plan);
        const before = await paidOut(insurance);
        const { data } = await submitClaim(
            chain,
            { ...insurance, member },
            { lines: [{ code: '36415', charge: 1_000n }] },
        );
        expect(data.status).toBe(ClaimStatus.NothingDue);
        expect(data.lines[0]).toMatchObject({ deductible: 1_000n, paid: 0n });
        expectBalanced(data);
        expect(await paidOut(insurance)).toBe(before);
    });
});

describe('a claim is denied', () => {
    let insurance: Insurance;
    beforeAll(async () => {
        insurance = await createInsurance(chain, { terms: { filingLimitDays: 30 } });
    });
    const somebody = async (coverage = {}): Promise<Insurance> => ({
        ...insurance,
        member: await enrolMember(chain, insurance.pool, insurance.plan, coverage),
    });

    test('line by line with OA-18 when it comes again, and nothing is paid twice', async () => {
        const whose = await somebody();
        const lines = [VISIT, { code: '36415', charge: 1_000n }];
        const serviceDate = (await chain.today()) - 2;
        const first = await submitClaim(chain, whose, { lines, serviceDate });
        expect(first.data.status).toBe(ClaimStatus.Paid);
        const paid = await paidOut(insurance);
        const again = await submitClaim(chain, whose, { lines, serviceDate });
        expect(again.data.status).toBe(ClaimStatus.Denied);
        expect(denials(again.data)).toEqual(['Other 18', 'Other 18']);
        expectBalanced(again.data);
        expect(await paidOut(insurance)).toBe(paid);
    });

    test('by the chain itself when its id is used again', async () => {
        const whose = await somebody();
        const claimId = randomBytes(16);
        await submitClaim(chain, whose, { lines: [VISIT], claimId });
        const paid = await paidOut(insurance);
        const again = submitClaim(chain, whose, { lines: [VISIT], claimId });
        // The system program's error 0: the account exists.
        await expectRefused(again, 'custom program error 0');
        expect(await paidOut(insurance)).toBe(paid);
    });

    test('with CO-29 when it is filed a day too late, and paid on the last day', async () => {
        const whose = await somebody();
        const today = await chain.today();
        const onTime = await submitClaim(chain, whose, { lines: [VISIT], serviceDate: today - 30 });
        expect(onTime.data.status).toBe(ClaimStatus.Paid);
        const late = await submitClaim(chain, whose, { lines: [VISIT], serviceDate: today - 31 });
        expect(late.data.status).toBe(ClaimStatus.Denied);
        expect(denials(late.data)).toEqual(['Contractual 29']);
        expectBalanced(late.data);
    });

    test('with CO-29 when time has gone by since a day on which it would have been paid [time travel]', async ({
        skip,
    }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const whose = await somebody();
        const serviceDate = (await chain.today()) - 25;
        const onTime = await submitClaim(chain, whose, { lines: [VISIT], serviceDate });
        expect(onTime.data.status).toBe(ClaimStatus.Paid);
        await chain.travel(6 * 86_400);
        const late = await submitClaim(chain, whose, { lines: [{ code: '36415', charge: 1_000n }], serviceDate });
        expect(denials(late.data)).toEqual(['Contractual 29']);
    });

    test('with PR-26 before coverage begins and PR-27 after it has ended', async () => {
        const today = await chain.today();
        const whose = await somebody({ coveredFrom: today - 20, coveredTo: today - 10 });
        const early = await submitClaim(chain, whose, { lines: [VISIT], serviceDate: today - 21 });
        const late = await submitClaim(chain, whose, { lines: [VISIT], serviceDate: today - 9 });
        expect([...denials(early.data), ...denials(late.data)]).toEqual(['Patient 26', 'Patient 27']);
        const within = await submitClaim(chain, whose, { lines: [VISIT], serviceDate: today - 20 });
        expect(within.data.status).toBe(ClaimStatus.Paid);
        for (const { data } of [early, late, within]) expectBalanced(data);
    });

    test('where the schedule does not know the code or does not cover it, and the rest is paid', async () => {
        const { data } = await submitClaim(chain, await somebody(), {
            lines: [{ code: '00000', charge: 4_000n }, VISIT, { code: '15780', charge: 90_000n }],
        });
        expect(data.status).toBe(ClaimStatus.Paid);
        expect(data.lines.map(({ denialReason }) => denialReason !== 0)).toEqual([true, false, true]);
        expect(denials(data)[2]).toBe('Patient 204');
        expect(data.totals.paid).toBe(12_500n);
        expectBalanced(data);
    });
});

describe('a claim is refused', () => {
    let insurance: Insurance;
    beforeAll(async () => {
        insurance = await createInsurance(chain);
    });

    test.each([
        ['no lines', [], 'NoLines'],
        ['a line of no units', [{ ...VISIT, units: 0 }], 'LineInvalid'],
    ])('with %s', async (_, lines, name) => {
        const { claim, instructions } = await submitInstructions(chain, insurance, { lines });
        await expectRefused(chain.send(instructions), name);
        expect(await chain.data(claim)).toBeUndefined();
    });
});
