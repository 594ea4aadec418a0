// Another payer comes first: the insurer says on which days, the provider says what it decided, and the plan pays what is left.
import { beforeAll, describe, expect, test } from 'vitest';

import { claims, readStated } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Opened, adjudicateDraft, draft } from '../harness/drafts';
import {
    type Insurance,
    createInsurance,
    eventsOf,
    insurerAccounts,
    readClaim,
    staffOf,
    submitClaim,
    withNewMember,
} from '../harness/insurance';
import { adminArgs } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { AdjustmentGroup, ClaimStatus, CoordinationRule } = claims;
const confirmed = { commitment: 'confirmed' } as const;
/** The example of 42 CFR 411.33(b): charged 175.00, a fee of 125.00 of which 80 % are paid; the primary payer pays 120.00. */
const SERVICE = { code: '99213', charge: 17_500n };
const PRIMARY: claims.OtherPayerLike = { line: 0, allowed: 15_000n, paid: 12_000n, obligated: 15_000n };
/** Reason of a line that another payer is to decide first. */
const OTHER_PAYER_FIRST = 22;

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, {
        terms: { coinsuranceBps: 2_000, coordination: CoordinationRule.MedicareSecondary },
    });
});

const tell = async (whose: Insurance, { claim }: Opened, entries: claims.OtherPayerLike[]) =>
    chain.send([claims.getAddOtherPayersInstruction({ ...staffOf(whose), claim, entries })]);
const paidOut = () => centsIn(chain, insurance.pool.mint, insurance.provider.payout);

describe('what another payer has decided', () => {
    test('is told of the lines of a draft, once, and signed for by the member', async () => {
        const whose = await withNewMember(chain, insurance);
        const opened = await draft(chain, whose, [SERVICE]);
        const size = (await chain.data(opened.claim))?.length ?? 0;
        await expectRefused(tell(whose, opened, [{ ...PRIMARY, line: 1 }]), 'OtherPayerInvalid');
        await expectRefused(tell(whose, opened, [{ ...PRIMARY, paid: 15_001n }]), 'OtherPayerInvalid');
        await tell(whose, opened, [PRIMARY]);
        expect(readStated((await chain.data(opened.claim)) ?? new Uint8Array())).toEqual({
            otherPayers: [PRIMARY],
            facts: [],
        });
        expect((await chain.data(opened.claim))?.length).toBeGreaterThan(size);
        // The member signs for what it states, too.
        await expectRefused(adjudicateDraft(chain, whose, opened, [SERVICE], SERVICE.charge), 'DraftDiffers');

        const before = await paidOut();
        await adjudicateDraft(chain, whose, opened, [SERVICE], SERVICE.charge, { otherPayers: [PRIMARY] });
        const data = await readClaim(chain, opened.claim);
        expect(data).toMatchObject({
            status: ClaimStatus.Paid,
            totals: { charge: 17_500n, allowed: 12_500n, paid: 3_000n, patient: 0n, writeOff: 0n, other: 14_500n },
            lines: [{ paid: 3_000n, otherPayer: 14_500n }],
        });
        expectBalanced(data);
        expect((await paidOut()) - before).toBe(3_000n);
        await expectPoolBalanced(chain, insurance.pool);
        await expectRefused(tell(whose, opened, [PRIMARY]), 'ClaimNotDraft');
    });
});

describe("a member's other coverage", () => {
    test('has another payer come first on its days, and on no other', async () => {
        const whose = await withNewMember(chain, insurance);
        const member = async () => (await claims.fetchMember(chain.rpc, whose.member.address, confirmed)).data;
        const set = async (firstPayer: claims.DateSpanLike | null) =>
            chain.send([
                await claims.getSetOtherCoverageInstructionAsync({
                    ...insurerAccounts(whose.pool),
                    member: whose.member.address,
                    admin: await adminArgs(chain, (await member()).sequence),
                    firstPayer,
                }),
            ]);
        const today = await chain.today();
        await expectRefused(set({ from: today, to: today - 1 }), 'CoverageInvalid');
        const days = { from: today - 5, to: today - 4 };
        const [event] = await eventsOf(chain, await set(days));
        expect(event).toMatchObject({ name: 'OtherCoverageSet', data: { member: whose.member.address } });
        expect(await member()).toMatchObject({ otherPayerFrom: days.from, otherPayerTo: days.to, sequence: 1n });

        const untold = await submitClaim(chain, whose, { lines: [SERVICE], serviceDate: days.to });
        expect(untold.data).toMatchObject({
            status: ClaimStatus.Denied,
            lines: [{ denialReason: OTHER_PAYER_FIRST, denialGroup: AdjustmentGroup.Other, paid: 0n }],
        });
        expectBalanced(untold.data);
        const told = await draft(chain, whose, [SERVICE], days.from);
        await tell(whose, told, [PRIMARY]);
        await adjudicateDraft(chain, whose, told, [SERVICE], SERVICE.charge, { otherPayers: [PRIMARY] });
        expect((await readClaim(chain, told.claim)).totals.paid).toBe(3_000n);
        const after = await submitClaim(chain, whose, { lines: [SERVICE], serviceDate: days.to + 1 });
        expect(after.data.totals.paid).toBe(10_000n);

        await set(null);
        expect((await member()).sequence).toBe(2n);
        const no = await submitClaim(chain, whose, { lines: [SERVICE], serviceDate: days.to });
        expect(no.data).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: 10_000n } });
        await expectPoolBalanced(chain, insurance.pool);
    });
});
