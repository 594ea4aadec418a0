// What would be paid is asked before care: the answer moves nothing, and the insurer may hold its price.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { answerDigest, claims } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { adjudicateDraft, draft } from '../harness/drafts';
import {
    type Insurance,
    claimAccounts,
    consentAccounts,
    createInsurance,
    eventsOf,
    insurerAccounts,
    lineArgs,
    publishVersion,
    readClaim,
    readPool,
    staffOf,
    withNewMember,
} from '../harness/insurance';
import { freshSigner, randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimStatus } = claims;
const confirmed = { commitment: 'confirmed' } as const;
const DAY_SECONDS = 86_400;
const HOLD_DAYS = 30;
const PLANNED = [
    { code: '99213', charge: 37_500n, units: 3 },
    { code: '87880', charge: 2_000n },
];
const CHARGE = 39_500n;

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, { terms: { coinsuranceBps: 2_000 } });
});

const read = async (answer: Address) => (await claims.fetchPredetermination(chain.rpc, answer, confirmed)).data;

/** Asks what services from today on would come to. */
async function ask(whose: Insurance, lines = PLANNED) {
    const { agreement, pool, planVersion, schedule, member, history, provider } = await claimAccounts(whose);
    const id = randomBytes(16);
    const [predetermination] = await claims.findPredeterminationPda({ pool, provider, id });
    const receipt = await chain.send([
        await claims.getPredetermineInstructionAsync({
            ...staffOf(whose),
            ...consentAccounts(whose.member, undefined),
            ...{ agreement, pool, planVersion, schedule, member, history, predetermination },
            id,
            document: randomBytes(32),
            serviceDate: await chain.today(),
            ticket: null,
            lines: await lineArgs(whose.pool, lines),
            facts: [],
        }),
    ]);
    return { ...receipt, answer: predetermination };
}
const hold = async (answer: Address, until: number, digest?: Uint8Array) =>
    chain.send([
        await claims.getHoldPriceInstructionAsync({
            ...insurerAccounts(insurance.pool),
            predetermination: answer,
            until,
            digest: digest ?? (await answerDigest((await chain.data(answer)) ?? new Uint8Array())),
        }),
    ]);
const cite = async (whose: Insurance, predetermination: Address, claim: Address) =>
    chain.send([claims.getCitePredeterminationInstruction({ ...staffOf(whose), predetermination, claim })]);

describe('the answer', () => {
    test('says to the cent what a claim would come to, moves nothing, and is closed by who asked', async () => {
        const whose = await withNewMember(chain, insurance);
        const state = async () => ({
            pool: await readPool(chain, whose.pool),
            member: await chain.data(whose.member.address),
            history: await chain.data(whose.member.history),
            vault: await centsIn(chain, whose.pool.mint, whose.pool.vault),
        });
        const before = await state();
        const { answer, ...receipt } = await ask(whose);
        expect(await state()).toEqual(before);
        const today = await chain.today();
        expect(await read(answer)).toMatchObject({
            member: whose.member.address,
            planVersion: whose.plan.version,
            answeredOn: today,
            serviceDate: today,
            holdUntil: 0,
            totals: { charge: CHARGE, allowed: CHARGE, paid: 31_600n, patient: 7_900n },
            lines: [
                { units: 3, allowed: 37_500n, paid: 30_000n, patient: 7_500n, denialReason: 0 },
                { units: 1, allowed: 2_000n, paid: 1_600n, patient: 400n, denialReason: 0 },
            ],
        });
        const [event] = await eventsOf(chain, receipt);
        expect(event).toMatchObject({
            name: 'Predetermined',
            data: { predetermination: answer, paid: 31_600n, patient: 7_900n },
        });
        const filed = await draft(chain, whose, PLANNED, today);
        await expectRefused(cite(whose, answer, filed.claim), 'PriceNotHeld');
        await adjudicateDraft(chain, whose, filed, PLANNED, CHARGE);
        const bill = await readClaim(chain, filed.claim);
        expect(bill.totals).toEqual((await read(answer)).totals);

        const close = async (opener: typeof whose.provider.organization.staff) =>
            chain.send([claims.getClosePredeterminationInstruction({ opener, predetermination: answer })]);
        await expectRefused(close(await freshSigner()), 'NotPredeterminationOpener');
        const { staff } = whose.provider.organization;
        const [rent, had] = [await chain.balance(answer), await chain.balance(staff.address)];
        await close(staff);
        expect(await chain.data(answer)).toBeUndefined();
        expect((await chain.balance(staff.address)) - had).toBe(rent);
    });

    test("is given to who brings the member's word", async () => {
        const whose = await withNewMember(chain, insurance);
        const stranger = { ...whose, member: { ...whose.member, authority: await freshSigner() } };
        await expectRefused(ask(stranger), 'NotMemberAuthority');
    });
});

test('a price that is held is paid for one claim, though the plan has become dearer [time travel]', async ({
    skip,
}) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    const whose = await withNewMember(chain, insurance);
    const { answer } = await ask(whose);
    const today = await chain.today();
    await expectRefused(hold(answer, today + HOLD_DAYS, randomBytes(32)), 'AnswerDiffers');
    await expectRefused(hold(answer, today - 1), 'HoldInvalid');
    await expectRefused(hold(answer, today + 367), 'HoldInvalid');
    const [event] = await eventsOf(chain, await hold(answer, today + HOLD_DAYS));
    expect(event).toMatchObject({
        name: 'PriceHeld',
        data: { predetermination: answer, until: today + HOLD_DAYS, operator: whose.pool.insurer.staff.address },
    });
    expect((await read(answer)).holdUntil).toBe(today + HOLD_DAYS);
    // Longer at any time, never shorter.
    await expectRefused(hold(answer, today + HOLD_DAYS - 1), 'HoldInvalid');

    const { plan, pool } = whose;
    const turn = today + 2;
    // From then on half is the member's own.
    const version = await publishVersion(chain, pool, plan.address, plan.schedule, turn, { coinsuranceBps: 5_000 });
    await chain.travel(3 * DAY_SECONDS);
    const later = { ...whose, plan: { ...plan, version } };
    const uncited = await draft(chain, whose, PLANNED, turn);
    await expectRefused(adjudicateDraft(chain, whose, uncited, PLANNED, CHARGE), 'PlanVersionNotInForce');

    const more = [{ ...PLANNED[0]!, units: 4 }, PLANNED[1]!];
    const above = await draft(chain, whose, more, turn);
    await expectRefused(cite(whose, answer, above.claim), 'CodesNotWithin');
    const early = await draft(chain, whose, PLANNED, today - 1);
    await expectRefused(cite(whose, answer, early.claim), 'ServiceOutsideHold');

    await cite(whose, answer, uncited.claim);
    expect((await read(answer)).citedBy).toEqual(uncited.claimId);
    const second = await draft(chain, whose, PLANNED, turn);
    await expectRefused(cite(whose, answer, second.claim), 'AlreadyCited');
    const before = await centsIn(chain, pool.mint, whose.provider.payout);
    // The member signs for the price that the claim cites, too.
    await expectRefused(adjudicateDraft(chain, whose, uncited, PLANNED, CHARGE), 'DraftDiffers');
    const cites = { member: whose.member.address, planVersion: plan.version, inNetwork: true };
    await adjudicateDraft(chain, whose, uncited, PLANNED, CHARGE, { cites });
    const held = await readClaim(chain, uncited.claim);
    expect(held).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: 31_600n, patient: 7_900n } });
    expectBalanced(held);
    expect((await centsIn(chain, pool.mint, whose.provider.payout)) - before).toBe(31_600n);

    const somebody = { ...later, member: (await withNewMember(chain, insurance)).member };
    const dear = await draft(chain, somebody, PLANNED, turn);
    await adjudicateDraft(chain, somebody, dear, PLANNED, CHARGE);
    expect((await readClaim(chain, dear.claim)).totals).toMatchObject({ paid: 19_750n, patient: 19_750n });
    await expectPoolBalanced(chain, pool);
});
