// Under some plans the member confirms what came in without a signature of its own, or disputes it.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { claims } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    createInsurance,
    decideInstruction,
    eventsOf,
    laterAccounts,
    readClaim,
    readPool,
    submitClaim,
    withNewMember,
} from '../harness/insurance';
import { freshSigner } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { AdjustmentGroup, ClaimStatus, Confirmation, PendReason, decision } = claims;
const DAY_SECONDS = 86_400;
/** Days that the member has. */
const DAYS = 10;
const VISIT = { code: '99213', charge: 12_500n };

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, {
        rules: { checks: { confirmation: Confirmation.Required, confirmationDays: DAYS } },
    });
});

const paidOut = () => centsIn(chain, insurance.pool.mint, insurance.provider.payout);

/** A claim of somebody new under the insurer's ticket, which waits for the member. */
async function waiting() {
    const whose = await withNewMember(chain, insurance);
    const today = await chain.today();
    const ticket = { from: today - 30, to: today, nonce: 1n };
    const { claim, data } = await submitClaim(chain, whose, { lines: [VISIT], ticket });
    expect(data).toMatchObject({
        status: ClaimStatus.Pended,
        pendReason: PendReason.Confirmation,
        totals: { paid: 0n },
        course: { waitUntil: today + DAYS },
    });
    return { whose, claim };
}

const confirm = async (whose: Insurance, claim: Address, authority = whose.member.authority) => {
    const accounts = await laterAccounts(whose);
    return chain.send([await claims.getConfirmClaimInstructionAsync({ ...accounts, claim, authority })]);
};
const dispute = async (whose: Insurance, claim: Address, authority = whose.member.authority) =>
    chain.send([await claims.getDisputeClaimInstructionAsync({ member: whose.member.address, claim, authority })]);

describe('what came under a ticket', () => {
    test('waits for the member, and is paid when it has confirmed it; who signed is not asked', async () => {
        const { whose, claim } = await waiting();
        const before = await paidOut();
        await expectRefused(confirm(whose, claim, await freshSigner()), 'NotMemberAuthority');
        await expectRefused(
            chain.send([await decideInstruction(whose, claim, decision('Approve'))]),
            'ConfirmationAwaited',
        );
        expect(await paidOut()).toBe(before);

        const [event] = await eventsOf(chain, await confirm(whose, claim));
        expect(event).toMatchObject({ name: 'ClaimAdjudicated', data: { claim, paid: 12_500n } });
        const data = await readClaim(chain, claim);
        expect(data).toMatchObject({
            status: ClaimStatus.Paid,
            pendReason: PendReason.None,
            course: { waitUntil: 0 },
        });
        expectBalanced(data);
        expect((await paidOut()) - before).toBe(12_500n);
        await expectRefused(confirm(whose, claim), 'ConfirmationNotAwaited');
        await expectRefused(dispute(whose, claim), 'ConfirmationNotAwaited');

        const signed = await submitClaim(chain, await withNewMember(chain, insurance), { lines: [VISIT] });
        expect(signed.data.status).toBe(ClaimStatus.Paid);
        await expectPoolBalanced(chain, insurance.pool);
    });

    test("is the insurer's to decide once the member disputes it", async () => {
        const { whose, claim } = await waiting();
        const before = (await readPool(chain, insurance.pool)).paid;
        await expectRefused(dispute(whose, claim, await freshSigner()), 'NotMemberAuthority');
        const [event] = await eventsOf(chain, await dispute(whose, claim));
        expect(event).toMatchObject({ name: 'ClaimDisputed', data: { claim, member: whose.member.address } });
        expect(await readClaim(chain, claim)).toMatchObject({
            status: ClaimStatus.Pended,
            pendReason: PendReason.Disputed,
            course: { waitUntil: 0 },
        });
        await expectRefused(confirm(whose, claim), 'ConfirmationNotAwaited');
        const deny = decision('Deny', { group: AdjustmentGroup.Contractual, reason: 50 });
        await chain.send([await decideInstruction(whose, claim, deny)]);
        expect(await readClaim(chain, claim)).toMatchObject({
            status: ClaimStatus.Denied,
            lines: [{ denialReason: 50, paid: 0n }],
        });
        expect((await readPool(chain, insurance.pool)).paid).toBe(before);
    });

    test("is the insurer's to decide when the member's days are over [time travel]", async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const { whose, claim } = await waiting();
        await chain.travel((DAYS + 1) * DAY_SECONDS);
        await expectRefused(confirm(whose, claim), 'ConfirmationLate');
        await expectRefused(dispute(whose, claim), 'ConfirmationLate');
        const before = await paidOut();
        await chain.send([await decideInstruction(whose, claim, decision('Approve'))]);
        expect((await readClaim(chain, claim)).status).toBe(ClaimStatus.Paid);
        expect((await paidOut()) - before).toBe(12_500n);
    });
});
