// What was paid by mistake is taken back: later claims that saw it are worked out anew, and what was paid too much is kept back.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    claimAccountsOfInsurer,
    clerkAccounts,
    contractProvider,
    createInsurance,
    eventsOf,
    readClaim,
    reverseInstruction,
    staffOf,
    submitClaim,
    withNewMember,
    withinOneYear,
} from '../harness/insurance';
import { randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimStatus } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const VISIT = { code: '99213', charge: 12_500n };
/** 100.00 are the member's own; then a fifth. */
const TERMS: Partial<claims.PlanTermsLike> = {
    deductible: { individual: 10_000n, family: null },
    coinsuranceBps: 2_000,
};

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    // What is used up in one year is not used up in the next.
    await withinOneYear(chain);
    insurance = await createInsurance(chain, { terms: TERMS });
});

/** The insurer's plan with somebody new and a provider of its own, who owes nothing. */
const somebody = async (): Promise<Insurance> => ({
    ...(await withNewMember(chain, insurance)),
    provider: await contractProvider(chain, insurance.pool),
});
/** A visit so many days ago. */
const visit = async (whose: Insurance, daysAgo: number) =>
    submitClaim(chain, whose, { lines: [VISIT], serviceDate: (await chain.today()) - daysAgo });
const owed = async ({ provider }: Insurance) =>
    (await claims.fetchAgreement(chain.rpc, provider.agreement, confirmed)).data.owed;
const paidOut = ({ pool, provider }: Insurance) => centsIn(chain, pool.mint, provider.payout);
const reverse = async (whose: Insurance, claim: Address, reason = 7) =>
    chain.send([await reverseInstruction(whose, claim, reason)]);

const reprocess = async (whose: Insurance, claim: Address) => {
    const accounts = await claimAccountsOfInsurer(whose);
    const claimId = randomBytes(16);
    const provider = whose.provider.organization.address;
    const [replacement] = await claims.findClaimPda({ pool: accounts.pool, provider, claimId });
    const receipt = await chain.send([
        await claims.getReprocessClaimInstructionAsync({ ...accounts, claim, replacement, claimId }),
    ]);
    return { ...receipt, replacement, claimId };
};
const link = async (whose: Insurance, claim: Address, replacement: Address, by = staffOf(whose)) =>
    chain.send([await claims.getLinkReplacementInstructionAsync({ ...by, claim, replacement })]);

describe('a claim that is taken back', () => {
    test('gives up what it used, once, by staff who may and with a reason; the provider owes what it got', async () => {
        const whose = await somebody();
        const { claim } = await visit(whose, 3);
        const accumulators = async () => {
            const { data } = await claims.fetchMember(chain.rpc, whose.member.address, confirmed);
            return data.periods.reduce((sum, { inNetwork }) => sum + inNetwork.deductibleIndividual, 0n);
        };
        const history = async () => (await claims.fetchHistory(chain.rpc, whose.member.history, confirmed)).data.count;
        expect([await accumulators(), await history(), await owed(whose)]).toEqual([10_000n, 1, 0n]);
        expect(await paidOut(whose)).toBe(2_000n);

        await expectRefused(reverse(whose, claim, 0), 'ReversalReasonInvalid');
        const clerk = await clerkAccounts(chain, whose.pool, Permission.EnrolMember);
        const insurer = { ...whose.pool.insurer, staff: clerk.operator, staffRecord: clerk.operatorRecord };
        await expectRefused(reverse({ ...whose, pool: { ...whose.pool, insurer } }, claim), 'PermissionMissing');

        const [event] = await eventsOf(chain, await reverse(whose, claim));
        expect(event).toMatchObject({ name: 'ClaimReversed', data: { claim, reason: 7, paid: 2_000n, owed: 2_000n } });
        const data = await readClaim(chain, claim);
        expect(data).toMatchObject({ status: ClaimStatus.Reversed, reversalReason: 7 });
        expect(data.reversedAt).toBeGreaterThanOrEqual(data.paidAt);
        expect([await accumulators(), await history(), await owed(whose)]).toEqual([0n, 0, 2_000n]);
        // Nothing moves back: it is kept of what comes next.
        expect(await paidOut(whose)).toBe(2_000n);
        await expectPoolBalanced(chain, whose.pool);
        await expectRefused(reverse(whose, claim), 'ClaimNotReversible');
    });

    test('has the later claims that saw it worked out anew, as if it had never been', async () => {
        const whose = await somebody();
        const first = await visit(whose, 3);
        const second = await visit(whose, 4);
        // The first has used up the deductible.
        expect([first.data.totals.paid, second.data.totals.paid]).toEqual([2_000n, 10_000n]);
        await expectRefused(reprocess(whose, second.claim), 'ClaimNotFlagged');
        await reverse(whose, first.claim);
        await expectRefused(reprocess(whose, first.claim), 'ClaimNotReversible');

        const { replacement, claimId, ...receipt } = await reprocess(whose, second.claim);
        const alone = await visit(await somebody(), 4);
        const anew = await readClaim(chain, replacement);
        expect({ lines: anew.lines, totals: anew.totals }).toEqual({
            lines: alone.data.lines,
            totals: alone.data.totals,
        });
        expectBalanced(anew);
        expect(anew).toMatchObject({ status: ClaimStatus.Paid, replaces: second.data.claimId, offset: 2_000n });
        expect(await readClaim(chain, second.claim)).toMatchObject({
            status: ClaimStatus.Reversed,
            course: { replacedBy: claimId },
        });
        const [event] = await eventsOf(chain, receipt);
        expect(event).toMatchObject({
            name: 'ClaimReprocessed',
            data: { claim: second.claim, replacement, paidBefore: 10_000n, paid: 2_000n, offset: 2_000n },
        });
        await expectRefused(reprocess(whose, replacement), 'ClaimNotFlagged');

        // 120.00 were paid out, and 20.00 are due: 100.00 are kept of the next award.
        expect([await paidOut(whose), await owed(whose)]).toEqual([12_000n, 10_000n]);
        const next = await visit(whose, 5);
        expect(next.data).toMatchObject({ totals: { paid: 10_000n }, offset: 10_000n });
        expect([await paidOut(whose), await owed(whose)]).toEqual([12_000n, 0n]);
        await expectPoolBalanced(chain, whose.pool);
    });

    test('is replaced by the one that its provider files anew, and by no other', async () => {
        const whose = await somebody();
        const [wrong, earlier] = [await visit(whose, 3), await visit(whose, 4)];
        await expectRefused(link(whose, wrong.claim, earlier.claim), 'ClaimNotReplaceable');
        await reverse(whose, wrong.claim);
        const corrected = await submitClaim(chain, whose, {
            lines: [{ ...VISIT, charge: 11_000n }],
            serviceDate: wrong.data.serviceDate,
        });
        await expectRefused(link(whose, earlier.claim, corrected.claim), 'ClaimNotReplaceable');
        await expectRefused(link(whose, wrong.claim, corrected.claim, staffOf(insurance)), 'ClaimOfOtherProvider');
        const sibling = await submitClaim(
            chain,
            { ...whose, member: (await somebody()).member },
            { lines: [VISIT], serviceDate: wrong.data.serviceDate },
        );
        await expectRefused(link(whose, wrong.claim, sibling.claim), 'ClaimOfOtherMember');

        const [event] = await eventsOf(chain, await link(whose, wrong.claim, corrected.claim));
        expect(event).toMatchObject({
            name: 'ClaimReplaced',
            data: { claim: wrong.claim, replacement: corrected.claim },
        });
        expect((await readClaim(chain, wrong.claim)).course.replacedBy).toEqual(corrected.data.claimId);
        expect((await readClaim(chain, corrected.claim)).replaces).toEqual(wrong.data.claimId);
        await expectRefused(link(whose, wrong.claim, corrected.claim), 'ClaimNotReplaceable');
        await expectPoolBalanced(chain, whose.pool);
    });
});
