// A trial from consent to the last cent: set-up, enrolment, visits, payment, an amendment that one declines, a withdrawal; and
// the books balance after every step.
import { getCloseAccountInstruction } from '@solana-program/token';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ParticipantStatus, fetchEvents, registry, trials, trialsEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { randomBytes } from '../harness/keys';
import { adminArgs } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';
import {
    AT_CONSENT,
    AT_ENROLMENT,
    BONUS,
    CAPS,
    Flag,
    MILESTONES,
    type Trial,
    amend,
    attest,
    consent,
    createTrial,
    endTrial,
    enrol,
    expectBooksBalanced,
    fund,
    join,
    leave,
    milestone,
    payInstruction,
    readParticipant,
    readParticipants,
    readSite,
    readTrial,
    setCaps,
    settle,
    uploadSchedule,
} from '../harness/trial';

const { DepartureArg, EndReason } = trials;
const DAY_SECONDS = 86_400;

let chain: Chain;
let trial: Trial;
beforeEach(async () => {
    // A payer for each: three organisations take 60 SOL.
    chain = await connect();
    trial = await createTrial(chain);
});

afterEach(() => expectBooksBalanced(chain, trial));

/** Version 2 of protocol and consent form comes into force; a day has one version at most, so it is the next day. */
async function amendTomorrow(): Promise<void> {
    await amend(chain, trial, 2, (await chain.today()) + 1);
    await chain.travel(DAY_SECONDS);
}

const pay = async (...volunteers: Parameters<typeof payInstruction>[1]) =>
    chain.send([await payInstruction(trial, volunteers)]);

describe('setting a trial up', () => {
    test('a schedule above the caps is refused, whoever uploads it; a sealed one never changes', async () => {
        await expectRefused(uploadSchedule(chain, trial, 2, [milestone(1, 10_001n, [0, 1])], 0n), 'CapPerVisit');
        await setCaps(chain, trial, { ...CAPS, perVisit: 10_001 });
        await uploadSchedule(chain, trial, 2, [milestone(1, 10_001n, [0, 1])], 0n);
        const append = trials.getAppendMilestonesInstruction({
            opener: trial.sponsor.staff,
            schedule: trial.schedule,
            start: 3,
            milestones: [milestone(1, 1n, [0, 1])],
        });
        await expectRefused(chain.send([append]), 'ScheduleSealed');
    });

    test('only the ethics board sets caps, and approves each version once', async () => {
        const { capsSequence } = await readTrial(chain, trial);
        const bySponsor = await trials.getSetCapsInstructionAsync({
            operator: trial.sponsor.staff,
            operatorRecord: trial.sponsor.staffRecord,
            board: trial.sponsor.address,
            trial: trial.address,
            admin: await adminArgs(chain, capsSequence),
            caps: CAPS,
        });
        await expectRefused(chain.send([bySponsor]), 'TrialOfOtherBoard');
        const [protocol] = await trials.findProtocolPda({ trial: trial.address, number: 1 });
        const again = await trials.getApproveProtocolInstructionAsync({
            operator: trial.board.staff,
            operatorRecord: trial.board.staffRecord,
            board: trial.board.address,
            trial: trial.address,
            protocol,
            effectiveFrom: (await chain.today()) + 1,
        });
        await expectRefused(chain.send([again]), 'ProtocolApproved');
        await expectRefused(amend(chain, trial, 3), 'ProtocolNumberInvalid');
    });
});

describe('consent and enrolment', () => {
    test('set aside what can be earned, or fail', async () => {
        const short = await createTrial(chain, { cents: AT_CONSENT + AT_ENROLMENT - 1n });
        const volunteer = await consent(chain, short);
        expect((await readTrial(chain, short)).reserved).toBe(AT_CONSENT);
        await expectRefused(enrol(chain, short, volunteer), 'EscrowShort');
        await fund(chain, short, 1n);
        await enrol(chain, short, volunteer);
        expect(await readTrial(chain, short)).toMatchObject({ reserved: AT_CONSENT + AT_ENROLMENT });
        await fund(chain, short, AT_ENROLMENT);
        await expectRefused(enrol(chain, short, volunteer), 'NotScreening');
    });

    test('are for one trial of a sponsor at a time', async () => {
        const marker = randomBytes(32);
        await consent(chain, trial, { marker });
        await expectRefused(consent(chain, trial, { marker }), 'AlreadyInATrial');
    });

    test('are to the version in force [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        await amendTomorrow();
        await expectRefused(consent(chain, trial, { version: 1 }), 'ConsentVersionInvalid');
        const volunteer = await consent(chain, trial, { version: 2 });
        expect((await readParticipant(chain, trial, volunteer)).consents[0]?.version).toBe(2);
    });
});

describe('visits', () => {
    test('are earned at once, or when countersigned, and paid once', async () => {
        const volunteer = await join(chain, trial);
        await attest(chain, trial, volunteer, 0);
        const { signature } = await attest(chain, trial, volunteer, 1);
        const events = await fetchEvents(chain.rpc, signature, await trialsEventSource());
        expect(events.map(({ name }) => name)).toContain('MilestoneAttested');
        await expectRefused(attest(chain, trial, volunteer, 1), 'AlreadyAttested');
        await attest(chain, trial, volunteer, 2);
        expect(await readParticipant(chain, trial, volunteer)).toMatchObject({
            attested: 0b111n,
            earned: 0b011n,
            due: 15_000n,
        });
        await pay(volunteer);
        await pay(volunteer);
        expect(await centsIn(chain, trial.mint, volunteer.payee)).toBe(15_000n);

        const { site, schedule, cohort, address } = trial;
        const countersign = (approve: boolean) =>
            trials.getCountersignMilestoneInstructionAsync({
                signer: trial.board.staff,
                operatorRecord: trial.board.staffRecord,
                organization: trial.board.address,
                trial: address,
                site,
                schedule,
                cohort,
                person: volunteer.person,
                index: volunteer.index,
                milestone: 2,
                approve,
            });
        await chain.send([await countersign(false)]);
        await attest(chain, trial, volunteer, 2);
        await chain.send([await countersign(true)]);
        await expectRefused(chain.send([await countersign(true)]), 'AlreadyEarned');
        await pay(volunteer);
        expect(await centsIn(chain, trial.mint, volunteer.payee)).toBe(23_000n);
        expect(await readParticipant(chain, trial, volunteer)).toMatchObject({ paidBits: 0b111n, due: 0n });
    });

    test('outside their window, in the future or before consent earn nothing', async () => {
        const volunteer = await join(chain, trial);
        const today = await chain.today();
        await expectRefused(attest(chain, trial, volunteer, 1, today + 1), 'VisitInFuture');
        await expectRefused(attest(chain, trial, volunteer, 1, today - 1), 'VisitBeforeConsent');
        await expectRefused(attest(chain, trial, volunteer, 3), 'MilestoneUnknown');
    });

    test('are paid to everybody but those whose account is gone, who are paid later', async () => {
        const volunteers = [];
        for (let n = 0; n < 4; n += 1) volunteers.push(await join(chain, trial));
        for (const one of volunteers) await attest(chain, trial, one, 1);
        const [gone] = volunteers;
        await chain.send([
            getCloseAccountInstruction({
                account: gone!.payee,
                destination: chain.payer.address,
                owner: gone!.key,
            }),
        ]);
        await pay(...volunteers);
        for (const one of volunteers.slice(1)) expect(await centsIn(chain, trial.mint, one.payee)).toBe(10_000n);
        const left = await readParticipant(chain, trial, gone!);
        expect(left.due).toBe(10_000n);
        expect(left.flags & Flag.Undeliverable).toBe(Flag.Undeliverable);
        await tokenAccount(chain, trial.mint, gone!.key.address);
        await pay(...volunteers);
        expect(await centsIn(chain, trial.mint, gone!.payee)).toBe(10_000n);
    });
});

describe('an amendment [time travel]', () => {
    test('that one declines ends that participation and takes nothing; who consents goes on', async (context) => {
        if (!chain.canTravel) return context.skip();
        const [stays, declines] = [await join(chain, trial), await join(chain, trial)];
        for (const one of [stays, declines]) await attest(chain, trial, one, 1);
        await amendTomorrow();
        for (const one of [stays, declines]) await expectRefused(attest(chain, trial, one, 2), 'ConsentDue');
        await leave(chain, trial, declines, DepartureArg.DeclinedAmendment);
        const [config] = await registry.findConfigPda();
        const { address, cohort, schedule } = trial;
        const consent = { config, trial: address, cohort, schedule, newSchedule: schedule, version: 2 };
        const renew = async (who: typeof stays) =>
            chain.send([await trials.getRenewConsentInstructionAsync({ ...consent, key: who.key, index: who.index })]);
        await renew(stays);
        await expectRefused(renew(declines), 'NotPresent');
        await attest(chain, trial, stays, 2);
        await pay(stays, declines);
        expect(await readParticipant(chain, trial, declines)).toMatchObject({
            status: ParticipantStatus.Discontinued,
            paid: 10_000n,
        });
        expect(await readParticipant(chain, trial, stays)).toMatchObject({
            status: ParticipantStatus.Enrolled,
            attested: 0b110n,
        });
    });

    test('with a better schedule sets the difference aside; a worse one is refused', async (context) => {
        if (!chain.canTravel) return context.skip();
        const volunteer = await join(chain, trial);
        const [screening, first, second] = MILESTONES;
        const succeeding = async (number: number, stipend: bigint, predecessor?: typeof trial.schedule) =>
            uploadSchedule(chain, trial, number, [screening!, first!, { ...second!, stipend }], BONUS, predecessor);
        const better = await succeeding(2, 9_000n, trial.schedule);
        const worse = await succeeding(3, 7_999n, trial.schedule);
        const another = await succeeding(4, 9_500n);
        await amendTomorrow();
        const [config] = await registry.findConfigPda();
        const { key, index } = volunteer;
        const { address, cohort, schedule } = trial;
        const consent = { config, key, trial: address, cohort, schedule, index, version: 2 };
        const renew = async (newSchedule: typeof better) =>
            chain.send([await trials.getRenewConsentInstructionAsync({ ...consent, newSchedule })]);
        await expectRefused(renew(worse), 'SchedulePaysLess');
        await expectRefused(renew(another), 'ScheduleNotSuccessor');
        const before = await readTrial(chain, trial);
        await renew(better);
        expect((await readTrial(chain, trial)).reserved - before.reserved).toBe(1_000n);
    });
});

describe('a withdrawal', () => {
    test('is the participant\u2019s own word, and what was earned stays', async () => {
        const volunteer = await join(chain, trial);
        await attest(chain, trial, volunteer, 1);
        const other = await join(chain, trial);
        await expectRefused(
            leave(chain, trial, { ...volunteer, key: other.key }, DepartureArg.Withdrawn),
            'NotTheParticipantsKey',
        );
        await leave(chain, trial, volunteer, DepartureArg.Withdrawn);
        await pay(volunteer);
        expect(await centsIn(chain, trial.mint, volunteer.payee)).toBe(10_000n);
        await expectRefused(enrol(chain, trial, volunteer), 'NotScreening');
    });
});

describe('the end [time travel]', () => {
    test('pays the bonus in proportion, and the escrow is empty to the cent', async (context) => {
        if (!chain.canTravel) return context.skip();
        const [whole, half] = [await join(chain, trial), await join(chain, trial)];
        await attest(chain, trial, whole, 1);
        await attest(chain, trial, whole, 2);
        await attest(chain, trial, half, 1);
        const { site, schedule, cohort, address } = trial;
        await chain.send([
            await trials.getCountersignMilestoneInstructionAsync({
                signer: whole.key,
                trial: address,
                site,
                schedule,
                cohort,
                person: whole.person,
                index: whole.index,
                milestone: 2,
                approve: true,
            }),
        ]);
        await leave(chain, trial, half, DepartureArg.Withdrawn);
        await expectRefused(settle(chain, trial, half), 'SettlementTooEarly');
        await expectRefused(settle(chain, trial, whole), 'NotEnded');
        const sponsor = {
            operator: trial.sponsor.staff,
            operatorRecord: trial.sponsor.staffRecord,
        };
        await endTrial(chain, trial, EndReason.Complete);
        await chain.travel(8 * DAY_SECONDS);
        await settle(chain, trial, whole);
        await settle(chain, trial, half);
        await expectRefused(settle(chain, trial, half), 'AlreadySettled');
        await pay(whole, half);
        expect(await centsIn(chain, trial.mint, whole.payee)).toBe(18_000n + BONUS);
        expect(await centsIn(chain, trial.mint, half.payee)).toBe(10_000n + BONUS / 2n);
        await chain.send([
            await trials.getReleaseHoldbackInstructionAsync({
                signer: trial.sponsor.staff,
                operatorRecord: trial.sponsor.staffRecord,
                sponsor: trial.sponsor.address,
                trial: address,
                site,
            }),
            await trials.getPaySiteInstructionAsync({
                trial: address,
                site,
                vault: trial.vault,
                payout: trial.payout,
                tokenProgram: trial.mint.program,
            }),
        ]);
        expect(await centsIn(chain, trial.mint, trial.payout)).toBe(2_800n);
        const { funded, paid, reserved, payable, sequence } = await readTrial(chain, trial);
        expect({ reserved, payable }).toEqual({ reserved: 0n, payable: 0n });
        const [config] = await registry.findConfigPda();
        const to = await tokenAccount(chain, trial.mint, trial.sponsor.staff.address);
        const withdraw = async (amount: bigint) =>
            chain.send([
                await trials.getWithdrawSurplusInstructionAsync({
                    ...sponsor,
                    sponsor: trial.sponsor.address,
                    config,
                    trial: address,
                    vault: trial.vault,
                    to,
                    tokenProgram: trial.mint.program,
                    admin: await adminArgs(chain, sequence),
                    amount,
                }),
            ]);
        await expectRefused(withdraw(funded - paid + 1n), 'MoreThanFree');
        await withdraw(funded - paid);
        expect(await centsIn(chain, trial.mint, trial.vault)).toBe(0n);
    });
});
