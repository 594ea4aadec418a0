// Who is not content appeals, and somebody else decides; a claim that waits for documents or for the insurer has its clocks.
import type { Address, KeyPairSigner } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { claims, claimsEventSource, fetchEvents, registry } from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    appealOf,
    claimAccounts,
    createInsurance,
    enrolMember,
    insurerAccounts,
    readClaim,
    submitClaim,
} from '../harness/insurance';
import { freshSigner, randomBytes } from '../harness/keys';
import { addStaff } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { AppealStatus, ClaimStatus } = claims;
const DAY_SECONDS = 86_400;
/** Of the plan's clocks: days for a decision, on a claim and on an appeal. */
const DECISION_DAYS = 30;
const WAIVE_EXCLUSION = 1 << 5;
/** Listed, but not covered. */
const EXCLUDED = { code: '15780', charge: 90_000n };

let chain: Chain;
let insurance: Insurance;
beforeAll(async () => {
    chain = await connect();
    insurance = await createInsurance(chain, { agreement: { limitPerClaim: 100_000n } });
});

const readAppeal = async (appeal: Address) =>
    (await claims.fetchAppeal(chain.rpc, appeal, { commitment: 'confirmed' })).data;

/** A claim of somebody new that the rulebook denies. */
async function deny() {
    const whose = { ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) };
    const { claim, data } = await submitClaim(chain, whose, { lines: [EXCLUDED] });
    expect(data.status).toBe(ClaimStatus.Denied);
    return { whose, claim };
}

const file = async (whose: Insurance, claim: Address, level: number, appellant = whose.member.authority) =>
    chain.send([
        await claims.getFileAppealInstructionAsync({
            payer: chain.payer,
            appellant,
            member: whose.member.address,
            planVersion: whose.plan.version,
            claim,
            appeal: await appealOf(claim, level),
            grounds: randomBytes(32),
        }),
    ]);

/** A key of the insurer's and its record. */
type Decider = { operator: KeyPairSigner; operatorRecord: Address };
const deciderOf = ({ pool }: Insurance) => {
    const { operator, operatorRecord } = insurerAccounts(pool);
    return { operator, operatorRecord };
};

const uphold = async ({ pool }: Insurance, claim: Address, level: number, by: Decider) =>
    chain.send([
        await claims.getUpholdAppealInstructionAsync({
            ...by,
            organization: pool.insurer.address,
            pool: pool.address,
            claim,
            appeal: await appealOf(claim, level),
            rationale: randomBytes(32),
        }),
    ]);

const overturn = async (whose: Insurance, claim: Address, level: number, by: Decider, waivers: number) => {
    const { provider, ...accounts } = await claimAccounts(whose);
    const { pool } = whose;
    const claimId = randomBytes(16);
    const [replacement] = await claims.findClaimPda({ pool: pool.address, provider, claimId });
    const receipt = await chain.send([
        await claims.getOverturnAppealInstructionAsync({
            ...accounts,
            ...by,
            organization: pool.insurer.address,
            claim,
            appeal: await appealOf(claim, level),
            replacement,
            claimId,
            waivers,
            rationale: randomBytes(32),
        }),
    ]);
    return { ...receipt, replacement, claimId };
};

const paidOut = () => centsIn(chain, insurance.pool.mint, insurance.provider.payout);

describe('an appeal', () => {
    test('is upheld, and at the second level overturned by somebody else', async () => {
        const { whose, claim } = await deny();
        await expectRefused(file(whose, claim, 1, await freshSigner()), 'NotAppellant');
        await file(whose, claim, 1);
        const first = await appealOf(claim, 1);
        expect(await readAppeal(first)).toMatchObject({ level: 1, status: AppealStatus.Open, byMember: true });
        const decider = deciderOf(whose);
        await uphold(whose, claim, 1, decider);
        expect(await readAppeal(first)).toMatchObject({
            status: AppealStatus.Upheld,
            decider: decider.operator.address,
        });
        await expectRefused(uphold(whose, claim, 1, decider), 'DeciderDecidedBefore');

        await file(whose, claim, 2);
        await expectRefused(overturn(whose, claim, 2, decider, WAIVE_EXCLUSION), 'DeciderDecidedBefore');
        const operator = await freshSigner();
        await chain.fund([operator.address], 1);
        const another = { operator, operatorRecord: await addStaff(chain, whose.pool.insurer, operator.address) };
        const before = await paidOut();
        const { signature, replacement, claimId } = await overturn(whose, claim, 2, another, WAIVE_EXCLUSION);
        const events = await fetchEvents(chain.rpc, signature, await claimsEventSource());
        expect(events.map(({ name }) => name)).toContain('AppealClosed');
        expect((await readAppeal(await appealOf(claim, 2))).status).toBe(AppealStatus.Overturned);
        const paid = await readClaim(chain, replacement);
        expect(paid).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: EXCLUDED.charge } });
        expectBalanced(paid);
        expect((await readClaim(chain, claim)).course.replacedBy).toEqual(claimId);
        expect((await paidOut()) - before).toBe(EXCLUDED.charge);
    });

    test('that nobody decides in time lapses, which anybody can say [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        const { whose, claim } = await deny();
        await file(whose, claim, 1);
        const appeal = await appealOf(claim, 1);
        const [config] = await registry.findConfigPda();
        const lapse = async () => chain.send([await claims.getLapseAppealInstructionAsync({ config, claim, appeal })]);
        await expectRefused(lapse(), 'AppealNotOverdue');
        await chain.travel((DECISION_DAYS + 1) * DAY_SECONDS);
        await lapse();
        expect((await readAppeal(appeal)).status).toBe(AppealStatus.Lapsed);
        await expectRefused(lapse(), 'AppealNotOpen');
        // A level that lapsed counts as exhausted, and opens the next.
        await file(whose, claim, 2);
        expect((await readAppeal(await appealOf(claim, 2))).level).toBe(2);
    });
});

describe('a claim that waits', () => {
    const provider = () => {
        const { organization } = insurance.provider;
        return {
            operator: organization.staff,
            operatorRecord: organization.staffRecord,
            provider: organization.address,
        };
    };
    const ask = async (claim: Address, document = randomBytes(32)) =>
        chain.send([
            await claims.getRequestInformationInstructionAsync({
                ...insurerAccounts(insurance.pool),
                claim,
                document,
            }),
        ]);
    const provide = async (claim: Address) =>
        chain.send([
            await claims.getProvideInformationInstructionAsync({ ...provider(), claim, document: randomBytes(32) }),
        ]);
    const escalate = async (claim: Address) =>
        chain.send([await claims.getEscalateClaimInstructionAsync({ planVersion: insurance.plan.version, claim })]);

    test('stops the clock while the provider is asked, and is escalated when it runs out [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        const line = { code: '99213', charge: 12_500n };
        const member = await enrolMember(chain, insurance.pool, insurance.plan);
        // Ten of them are above what the agreement pays without a look.
        const { claim, data } = await submitClaim(
            chain,
            { ...insurance, member },
            { lines: [{ ...line, units: 10, charge: 125_000n }] },
        );
        expect(data.status).toBe(ClaimStatus.Pended);
        await expectRefused(provide(claim), 'InformationNotAwaited');
        await expectRefused(ask(claim, new Uint8Array(32)), 'DocumentEmpty');
        await ask(claim);
        expect((await readClaim(chain, claim)).course.awaitingSince).toBe(await chain.today());
        await expectRefused(escalate(claim), 'DecisionNotOverdue');
        await chain.travel((DECISION_DAYS + 1) * DAY_SECONDS);
        await expectRefused(escalate(claim), 'DecisionNotOverdue');
        await provide(claim);
        expect((await readClaim(chain, claim)).course).toMatchObject({
            awaitingSince: 0,
            stoppedDays: DECISION_DAYS + 1,
        });
        await expectRefused(escalate(claim), 'DecisionNotOverdue');

        await chain.travel((DECISION_DAYS + 1) * DAY_SECONDS);
        const { flags } = (await readClaim(chain, claim)).course;
        const { signature } = await escalate(claim);
        const [event] = await fetchEvents(chain.rpc, signature, await claimsEventSource());
        expect(event).toMatchObject({ name: 'ClaimEscalated', data: { claim } });
        expect((await readClaim(chain, claim)).course.flags).toBeGreaterThan(flags);
        await expectRefused(escalate(claim), 'AlreadyEscalated');
    });
});
