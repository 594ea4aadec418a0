// A participant's key and payee, which change after a delay; what other programs are told; and records that are given up.
import { type KeyPairSigner, createAddressWithSeed } from '@solana/kit';
import { getCreateAccountWithSeedInstruction } from '@solana-program/system';
import { beforeEach, describe, expect, test } from 'vitest';

import {
    COHORT_HEADER_SIZE,
    PARTICIPANT_SIZE,
    ParticipantStatus,
    fetchEvents,
    trials,
    trialsEventSource,
} from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';
import {
    BONUS,
    type Trial,
    type Volunteer,
    attest,
    boardStaff,
    consent,
    createTrial,
    expectBooksBalanced,
    join,
    leave,
    payInstruction,
    readParticipant,
    siteStaff,
    sponsorStaff,
} from '../harness/trial';

const DAY_SECONDS = 86_400;
const { DepartureArg, KeyHolder } = trials;

let chain: Chain;
let trial: Trial;
let volunteer: Volunteer;
beforeEach(async () => {
    chain = await connect();
    trial = await createTrial(chain);
    volunteer = await join(chain, trial);
    // Whoever announces a change pays its rent, and gets it back.
    await chain.fund([volunteer.key.address], 0.1);
});

/** Somebody independent of the site: the sponsor's monitor or the ethics board. */
const monitor = () => {
    const { operator, operatorRecord, sponsor } = sponsorStaff(trial);
    return { signer: operator, operatorRecord, organization: sponsor };
};
const overseer = () => {
    const { operator, operatorRecord, board } = boardStaff(trial);
    return { signer: operator, operatorRecord, organization: board };
};
type Party = { signer: KeyPairSigner } & Partial<Pick<ReturnType<typeof monitor>, 'operatorRecord' | 'organization'>>;
const place = () => ({ trial: trial.address, cohort: trial.cohort });

describe('whom a participant has paid', () => {
    const change = async ({ index } = volunteer) =>
        (await trials.findPayeeChangePda({ cohort: trial.cohort, index }))[0];
    const propose = async (by: Party, payee: Volunteer['payee'], { index } = volunteer) =>
        chain.send([await trials.getProposePayeeInstructionAsync({ ...by, ...place(), payee, index })]);
    const cancel = async (by: Party, who = volunteer, payer = who.key.address) =>
        chain.send([
            await trials.getCancelPayeeInstructionAsync({ ...by, ...place(), change: await change(who), payer }),
        ]);
    const apply = async () =>
        chain.send([
            await trials.getApplyPayeeInstructionAsync({
                cohort: trial.cohort,
                change: await change(),
                payer: volunteer.key.address,
            }),
        ]);

    test('changes three days after the participant says so [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        const payee = await tokenAccount(chain, trial.mint, (await freshSigner()).address);
        await expectRefused(propose(monitor(), payee), 'NotTheParticipantsKey');
        await expectRefused(propose({ signer: volunteer.key }, trial.vault), 'PayeeIsVault');
        const { signature } = await propose({ signer: volunteer.key }, payee);
        const [event] = await fetchEvents(chain.rpc, signature, await trialsEventSource());
        expect(event).toMatchObject({ name: 'PayeeChangeAnnounced', data: { index: volunteer.index, payee } });
        await expectRefused(apply(), 'PayeeChangeTooEarly');
        await expectRefused(cancel({ signer: await freshSigner() }), 'NotTheParticipantsKey');
        await cancel({ signer: volunteer.key });
        expect(await chain.data(await change())).toBeUndefined();
        expect((await readParticipant(chain, trial, volunteer)).payee).toBe(volunteer.payee);

        await propose({ signer: volunteer.key }, payee);
        await attest(chain, trial, volunteer, 1);
        await chain.travel(3 * DAY_SECONDS);
        await apply();
        expect((await readParticipant(chain, trial, volunteer)).payee).toBe(payee);
        await chain.send([await payInstruction(trial, [{ ...volunteer, payee }])]);
        expect(await centsIn(chain, trial.mint, payee)).toBe(10_000n);
        expect(await centsIn(chain, trial.mint, volunteer.payee)).toBe(0n);
        await expectBooksBalanced(chain, trial);
    });

    test('is not the site\u2019s to say, whoever holds the key', async () => {
        const held = await consent(chain, trial, { holder: KeyHolder.Site });
        await chain.fund([held.key.address], 0.1);
        const payee = await tokenAccount(chain, trial.mint, (await freshSigner()).address);
        await expectRefused(propose({ signer: held.key }, payee, held), 'CountersignerMissing');
        await propose(overseer(), payee, held);
        await expectRefused(cancel({ signer: held.key }, held, overseer().signer.address), 'CountersignerMissing');
        await cancel(monitor(), held, overseer().signer.address);
        expect((await readParticipant(chain, trial, held)).payee).toBe(held.payee);
    });
});

describe("a participant's key", () => {
    const change = async () => (await trials.findKeyChangePda({ cohort: trial.cohort, index: volunteer.index }))[0];
    const propose = async (by: Party, newKey: KeyPairSigner, holder = KeyHolder.Participant) =>
        chain.send([
            await trials.getProposeKeyInstructionAsync({
                ...by,
                ...place(),
                newKey,
                index: volunteer.index,
                holder,
            }),
        ]);
    const cancel = async (by: Party, payer: Party) =>
        chain.send([
            await trials.getCancelKeyInstructionAsync({
                ...by,
                ...place(),
                change: await change(),
                payer: payer.signer.address,
            }),
        ]);
    const apply = async (payer: Party) =>
        chain.send([
            await trials.getApplyKeyInstructionAsync({
                site: trial.site,
                cohort: trial.cohort,
                change: await change(),
                payer: payer.signer.address,
            }),
        ]);

    test('changes three days after it says so, or two weeks after others do [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        const own = { signer: volunteer.key };
        const lost = await freshSigner();
        await expectRefused(propose({ signer: trial.clinic.staff }, lost), 'NotTheParticipantsKey');
        await expectRefused(propose(own, volunteer.key), 'KeyOfTheProposer');
        await expectRefused(propose(own, lost, KeyHolder.Site), 'KeyHolderInvalid');
        // The monitor says that the key is lost; it is not.
        await propose(monitor(), lost);
        await chain.travel(3 * DAY_SECONDS);
        await expectRefused(apply(monitor()), 'KeyChangeTooEarly');
        await expectRefused(cancel({ signer: trial.clinic.staff }, monitor()), 'NotTheParticipantsKey');
        await cancel(own, monitor());
        expect(await chain.data(await change())).toBeUndefined();
        expect((await readParticipant(chain, trial, volunteer)).key).toBe(volunteer.key.address);

        const next = await freshSigner();
        await propose(own, next);
        await expectRefused(apply(own), 'KeyChangeTooEarly');
        await chain.travel(3 * DAY_SECONDS);
        await apply(own);
        expect((await readParticipant(chain, trial, volunteer)).key).toBe(next.address);
        await expectRefused(leave(chain, trial, volunteer, DepartureArg.Withdrawn), 'NotTheParticipantsKey');

        // That one is lost indeed.
        const found = await freshSigner();
        await propose(monitor(), found);
        await chain.travel(14 * DAY_SECONDS);
        await apply(monitor());
        expect((await readParticipant(chain, trial, volunteer)).key).toBe(found.address);
        await expectRefused(
            leave(chain, trial, { ...volunteer, key: next }, DepartureArg.Withdrawn),
            'NotTheParticipantsKey',
        );
        await leave(chain, trial, { ...volunteer, key: found }, DepartureArg.Withdrawn);
        expect((await readParticipant(chain, trial, volunteer)).status).toBe(ParticipantStatus.Withdrawn);
    });
});

describe('what is recorded of a participant', () => {
    test('is told to whoever asks, as it stands in the cohort', async () => {
        await attest(chain, trial, volunteer, 1);
        const read = (index: number) => trials.getReadParticipantInstruction({ cohort: trial.cohort, index });
        const told = trials.getParticipantDecoder().decode(await chain.returned([read(volunteer.index)]));
        expect(told).toEqual(await readParticipant(chain, trial, volunteer));
        expect(told).toMatchObject({ due: 10_000n, attested: 0b10n });
        await expectRefused(chain.send([read(volunteer.index + 1)]), 'ParticipantUnknown');
    });
});

describe('records', () => {
    test('of participants are kept; a page that nobody has used is its opener\u2019s to close', async () => {
        const { operator, operatorRecord, organization, site } = siteStaff(trial);
        const seed = 'cohort 2';
        const cohort = await createAddressWithSeed({
            baseAddress: operator.address,
            programAddress: trials.TRIALS_PROGRAM_ADDRESS,
            seed,
        });
        const space = BigInt(COHORT_HEADER_SIZE + PARTICIPANT_SIZE);
        await chain.send([
            getCreateAccountWithSeedInstruction({
                payer: chain.payer,
                newAccount: cohort,
                baseAccount: operator,
                base: operator.address,
                seed,
                amount: await chain.rpc.getMinimumBalanceForRentExemption(space).send(),
                space,
                programAddress: trials.TRIALS_PROGRAM_ADDRESS,
            }),
            await trials.getOpenCohortInstructionAsync({
                operator,
                operatorRecord,
                organization,
                trial: trial.address,
                site,
                cohort,
            }),
        ]);
        const close = async (page: Trial['cohort'], signer?: KeyPairSigner) =>
            chain.send([
                await trials.getCloseCohortInstructionAsync({
                    trial: trial.address,
                    cohort: page,
                    opener: operator.address,
                    ...(signer === undefined ? {} : { signer }),
                }),
            ]);
        await expectRefused(close(cohort), 'CohortOpenerMissing');
        await expectRefused(close(trial.cohort, operator), 'Retained');
        const before = await chain.balance(operator.address);
        await close(cohort, operator);
        expect(await chain.data(cohort)).toBeUndefined();
        expect(await chain.balance(operator.address)).toBeGreaterThan(before);
    });

    test('of what participants were promised are kept; a schedule that was never sealed goes', async () => {
        const [schedule] = await trials.findSchedulePda({ trial: trial.address, number: 2 });
        await chain.send([
            await trials.getOpenScheduleInstructionAsync({
                ...sponsorStaff(trial),
                trial: trial.address,
                number: 2,
                bonus: BONUS,
                reimbursements: 0n,
            }),
        ]);
        const close = async (of: Trial['schedule'], opener = trial.sponsor.staff) =>
            chain.send([await trials.getCloseScheduleInstructionAsync({ trial: trial.address, schedule: of, opener })]);
        await expectRefused(close(schedule, trial.clinic.staff), 'NotScheduleOpener');
        await expectRefused(close(trial.schedule), 'Retained');
        await close(schedule);
        expect(await chain.data(schedule)).toBeUndefined();
    });
});
