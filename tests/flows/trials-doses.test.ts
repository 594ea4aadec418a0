// Doses that a participant's device signs: they count towards a bonus, and towards nothing else.
import { createHash } from 'node:crypto';

import {
    type Address,
    type KeyPairSigner,
    getAddressEncoder,
    getI64Encoder,
    getU16Encoder,
    getU32Encoder,
} from '@solana/kit';
import { beforeEach, describe, expect, test } from 'vitest';

import { fetchEvents, trials, trialsEventSource } from '../../clients/ts/src';
import { type Chain, until } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { signedMessage } from '../harness/signed';
import { centsIn } from '../harness/tokens';
import {
    Kind,
    Mark,
    type Trial,
    type Volunteer,
    attest,
    createTrial,
    endTrial,
    expectBooksBalanced,
    join,
    milestone,
    payInstruction,
    readParticipant,
    requireAdherence,
    settle,
    siteStaff,
    sponsorStaff,
    uploadSchedule,
} from '../harness/trial';

const DAY_SECONDS = 86_400;
const confirmed = { commitment: 'confirmed' } as const;
/** A dose on each of two days, of which four fifths are enough: both. */
const ADHERENCE = { windowDays: 1, thresholdBps: 8_000, windows: 2, doses: 1, padding: new Uint8Array(2) };
/** One visit of 100.00, and a bonus of 20.00 for who took the doses. */
const VISIT = milestone(Kind.Visit, 10_000n, [0, 30], Mark.Counts);
const BONUS = 2_000n;

let chain: Chain;
let trial: Trial;
let volunteer: Volunteer;
let device: KeyPairSigner;
beforeEach(async () => {
    chain = await connect();
    trial = await createTrial(chain);
    trial = { ...trial, schedule: await uploadSchedule(chain, trial, 2, [VISIT], BONUS, undefined, ADHERENCE) };
    volunteer = await join(chain, trial);
    device = await freshSigner();
});

const give = async (to: Volunteer, key: Address) => {
    const { operator, operatorRecord, organization, site, cohort } = siteStaff(trial);
    return chain.send([
        await trials.getRegisterDeviceInstructionAsync({
            operator,
            operatorRecord,
            organization,
            site,
            cohort,
            index: to.index,
            device: key,
        }),
    ]);
};
const adherenceOf = async ({ index }: Volunteer) => (await trials.findAdherencePda({ cohort: trial.cohort, index }))[0];
const readDoses = async (of: Volunteer) =>
    (await trials.fetchAdherence(chain.rpc, await adherenceOf(of), confirmed)).data;

/** The bytes that the device signs: those of the program's `Dose::message`. */
function messageOf(index: number, { sequence, takenAt }: { sequence: number; takenAt: bigint }): Uint8Array {
    const hash = createHash('sha256');
    hash.update('galen dose');
    hash.update(getAddressEncoder().encode(trial.cohort) as Uint8Array);
    hash.update(getU16Encoder().encode(index) as Uint8Array);
    hash.update(getU32Encoder().encode(sequence) as Uint8Array);
    hash.update(getI64Encoder().encode(takenAt) as Uint8Array);
    return new Uint8Array(hash.digest());
}

/** The two instructions that record a dose of somebody's: what `by` has signed, and the dose. */
async function dose(of: Volunteer, sequence: number, takenAt: bigint, by = device) {
    const taken = { sequence, takenAt };
    return [
        await signedMessage(by, messageOf(of.index, taken)),
        trials.getRecordDoseInstruction({
            trial: trial.address,
            schedule: trial.schedule,
            cohort: trial.cohort,
            adherence: await adherenceOf(of),
            dose: taken,
        }),
    ] as const;
}

/** A second that is later than `last`, and has come. */
async function after(last: bigint): Promise<bigint> {
    await until('the clock to move on', async () => (await chain.now()) > last);
    return last + 1n;
}

describe('doses', () => {
    test('are counted as the device has signed them, each once', async () => {
        await expectRefused(give(volunteer, '11111111111111111111111111111111' as Address), 'KeyInvalid');
        const { signature } = await give(volunteer, device.address);
        const [event] = await fetchEvents(chain.rpc, signature, await trialsEventSource());
        expect(event).toMatchObject({ name: 'DeviceRegistered', data: { index: 0, device: device.address } });
        await expectRefused(give(volunteer, device.address), 'DeviceUnchanged');
        expect(await readDoses(volunteer)).toMatchObject({ recorded: 0, lastSequence: 0 });

        const first = await chain.now();
        await chain.send(await dose(volunteer, 1, first));
        expect(await readDoses(volunteer)).toMatchObject({ recorded: 1, lastSequence: 1, lastAt: first });
        expect((await readParticipant(chain, trial, volunteer)).doses).toBe(1);
        await expectRefused(chain.send(await dose(volunteer, 1, first)), 'DoseReplayed');

        // More than the window asks for is recorded, and does not count.
        const second = await after(first);
        await chain.send(await dose(volunteer, 2, second));
        expect((await readDoses(volunteer)).windows.slice(0, 2)).toEqual(new Uint8Array([2, 0]));
        expect((await readParticipant(chain, trial, volunteer)).doses).toBe(1);
    });

    test('that nobody signed, a stranger signed or that are yet to come are refused', async () => {
        await give(volunteer, device.address);
        const now = await chain.now();
        const [signed, recorded] = await dose(volunteer, 1, now);
        const [another] = await dose(volunteer, 2, now);
        await expectRefused(chain.send([recorded]), 'DoseSignatureMissing');
        await expectRefused(chain.send([another, recorded]), 'DoseMessageMismatch');
        const byStranger = await dose(volunteer, 1, now, await freshSigner());
        await expectRefused(chain.send(byStranger), 'DoseSignerMismatch');
        await expectRefused(chain.send(await dose(volunteer, 1, now + 3_600n)), 'DoseOutOfTime');
        expect((await readDoses(volunteer)).recorded).toBe(0);
        await chain.send([signed, recorded]);
        expect((await readDoses(volunteer)).recorded).toBe(1);
    });

    test('decide on the bonus and on nothing else [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        const forgetful = await join(chain, trial);
        await give(volunteer, device.address);
        for (const one of [volunteer, forgetful]) await attest(chain, trial, one, 0);
        const first = await chain.now();
        await chain.send(await dose(volunteer, 1, first));
        await chain.travel(DAY_SECONDS);
        await chain.send(await dose(volunteer, 2, await chain.now()));
        await endTrial(chain, trial, trials.EndReason.Complete);
        await chain.travel(8 * DAY_SECONDS);
        for (const one of [volunteer, forgetful]) await settle(chain, trial, one);
        await chain.send([await payInstruction(trial, [volunteer, forgetful])]);
        expect(await centsIn(chain, trial.mint, volunteer.payee)).toBe(10_000n + BONUS);
        expect(await centsIn(chain, trial.mint, forgetful.payee)).toBe(10_000n);
        await expectBooksBalanced(chain, trial);
    });
});

describe('a schedule', () => {
    test('asks for doses before it is sealed, and only where there is a bonus', async () => {
        const sealed = requireAdherence(trial, trial.schedule, ADHERENCE);
        await expectRefused(chain.send([sealed]), 'ScheduleSealed');
        const open = async (number: number, bonus: bigint) => {
            await chain.send([
                await trials.getOpenScheduleInstructionAsync({
                    ...sponsorStaff(trial),
                    trial: trial.address,
                    number,
                    bonus,
                    reimbursements: 0n,
                }),
            ]);
            return (await trials.findSchedulePda({ trial: trial.address, number }))[0];
        };
        const without = requireAdherence(trial, await open(3, 0n), ADHERENCE);
        await expectRefused(chain.send([without]), 'AdherenceWithoutBonus');
        const schedule = await open(4, BONUS);
        const nothing = requireAdherence(trial, schedule, { ...ADHERENCE, doses: 0 });
        await expectRefused(chain.send([nothing]), 'AdherenceInvalid');
        const read = async () => (await trials.fetchSchedule(chain.rpc, schedule, confirmed)).data.adherence;
        expect((await read()).doses).toBe(0);
        await chain.send([requireAdherence(trial, schedule, ADHERENCE)]);
        expect(await read()).toMatchObject({ windowDays: 1, windows: 2, doses: 1, thresholdBps: 8_000 });
    });
});
