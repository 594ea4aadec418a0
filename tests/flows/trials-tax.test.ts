// Stipends at the tax threshold: held, or paid net of withholding, or freed by a form; expenses go on; and what a pause stops.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { fetchEvents, trials, trialsEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner, randomBytes } from '../harness/keys';
import { adminArgs } from '../harness/organizations';
import { whilePaused } from '../harness/pause';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';
import {
    NO_LIMIT,
    REIMBURSEMENTS,
    type Trial,
    type Volunteer,
    attest,
    boardStaff,
    consent,
    createTrial,
    enrol,
    expectBooksBalanced,
    join,
    payInstruction,
    readParticipant,
    readTrial,
    siteStaff,
    sponsorStaff,
} from '../harness/trial';

/** From stipends of 120.00 in a year on a form is needed; without one 24% can be withheld. */
const THRESHOLD = 12_000n;
const BACKUP_WITHHOLDING_BPS = 2_400;
const confirmed = { commitment: 'confirmed' } as const;

let chain: Chain;
let trial: Trial;
let volunteer: Volunteer;
let remitted: bigint;
beforeEach(async () => {
    chain = await connect();
    trial = await createTrial(chain, { taxThreshold: THRESHOLD });
    volunteer = await join(chain, trial);
    remitted = 0n;
});
afterEach(() => expectBooksBalanced(chain, trial, remitted));

const reimburse = async (who: Volunteer, amount: bigint, by: 'site' | 'site and board' = 'site') =>
    chain.send([
        await trials.getReimburseExpenseInstructionAsync({
            ...siteStaff(trial),
            ...(by === 'site'
                ? {}
                : {
                      countersigner: boardStaff(trial).operator,
                      countersignerRecord: boardStaff(trial).operatorRecord,
                      countersignerOrganization: boardStaff(trial).board,
                  }),
            index: who.index,
            amount,
            receiptDigest: randomBytes(32),
        }),
    ]);
const release = async () => {
    const { index, person } = volunteer;
    const { address, cohort } = trial;
    return chain.send([await trials.getReleaseHeldInstructionAsync({ trial: address, cohort, person, index })]);
};
const choose = async (net: boolean, key = volunteer.key) => {
    const { index, person } = volunteer;
    return chain.send([await trials.getChooseTaxInstructionAsync({ key, cohort: trial.cohort, person, index, net })]);
};
const submitForm = async (digest: Uint8Array) =>
    chain.send([
        await trials.getRecordTaxFormInstructionAsync({ ...sponsorStaff(trial), person: volunteer.person, digest }),
    ]);
const pay = async () => chain.send([await payInstruction(trial, [volunteer])]);
const received = () => centsIn(chain, trial.mint, volunteer.payee);
const standing = () => readParticipant(chain, trial, volunteer);
const yearOf = async () => (await trials.fetchPerson(chain.rpc, volunteer.person, confirmed)).data;

/** The screening, which is paid, and a visit that reaches the threshold, which is held. */
async function reachTheThreshold(): Promise<void> {
    await attest(chain, trial, volunteer, 0);
    expect(await standing()).toMatchObject({ due: 5_000n, held: 0n });
    await attest(chain, trial, volunteer, 1);
    expect(await standing()).toMatchObject({ due: 5_000n, held: 10_000n });
}

describe('stipends at the threshold', () => {
    test('are held without a form, and expenses are not', async () => {
        await reachTheThreshold();
        await reimburse(volunteer, 300n);
        await pay();
        expect(await received()).toBe(5_300n);
        expect(await standing()).toMatchObject({ due: 0n, held: 10_000n, expenses: 300n });
        await expectRefused(release(), 'StillHeld');
        expect((await readTrial(chain, trial)).payable).toBeGreaterThanOrEqual(10_000n);
    });

    test('are paid in full once the form is there', async () => {
        await reachTheThreshold();
        await expectRefused(submitForm(new Uint8Array(32)), 'FormInvalid');
        await submitForm(randomBytes(32));
        await release();
        expect(await standing()).toMatchObject({ due: 15_000n, held: 0n, withheld: 0n });
        await expectRefused(release(), 'NothingHeld');
        await pay();
        expect(await received()).toBe(15_000n);
    });

    test('are paid net of withholding where the participant wants that, and the rest is remitted', async () => {
        await reachTheThreshold();
        await expectRefused(choose(true, await freshSigner()), 'NotTheParticipantsKey');
        expect((await yearOf()).choice).toBe(0);
        await choose(true);
        expect((await yearOf()).choice).toBe(1);
        const { signature } = await release();
        const [event] = await fetchEvents(chain.rpc, signature, await trialsEventSource());
        expect(event).toMatchObject({ name: 'HeldStipendReleased', data: { paidOut: 7_600n, withheld: 2_400n } });
        expect(await yearOf()).toMatchObject({ stipends: 15_000n, withheld: 2_400n });
        await pay();
        expect(await received()).toBe(12_600n);

        const to = await tokenAccount(chain, trial.mint, trial.sponsor.authority.address);
        const remit = async (amount: bigint) =>
            chain.send([
                await trials.getRemitWithheldInstructionAsync({
                    ...sponsorStaff(trial),
                    trial: trial.address,
                    vault: trial.vault,
                    to,
                    tokenProgram: trial.mint.program,
                    admin: await adminArgs(chain, (await readTrial(chain, trial)).sequence),
                    amount,
                }),
            ]);
        await expectRefused(remit(2_401n), 'MoreThanWithheld');
        await remit(2_400n);
        remitted = 2_400n;
        expect(await centsIn(chain, trial.mint, to)).toBe(2_400n);
        expect((await readTrial(chain, trial)).withheld).toBe(0n);
    });

    test('are paid in full once the threshold is raised, which is never lowered', async () => {
        const setTerms = async (taxThreshold: bigint, withholdingBps: number) =>
            chain.send([
                await trials.getSetTaxTermsInstructionAsync({
                    ...sponsorStaff(trial),
                    trial: trial.address,
                    admin: await adminArgs(chain, (await readTrial(chain, trial)).sequence),
                    taxThreshold,
                    withholdingBps,
                }),
            ]);
        await expectRefused(setTerms(THRESHOLD - 1n, BACKUP_WITHHOLDING_BPS), 'TaxTermsWorse');
        await expectRefused(setTerms(THRESHOLD, BACKUP_WITHHOLDING_BPS + 1), 'TaxTermsWorse');
        expect(await readTrial(chain, trial)).toMatchObject({ taxThreshold: THRESHOLD });
        await setTerms(NO_LIMIT, 2_000);
        expect(await readTrial(chain, trial)).toMatchObject({ taxThreshold: NO_LIMIT, withholdingBps: 2_000 });
        await attest(chain, trial, volunteer, 0);
        await attest(chain, trial, volunteer, 1);
        expect(await standing()).toMatchObject({ due: 15_000n, held: 0n });
    });
});

describe('expenses', () => {
    test('are reimbursed up to what is set aside for them', async () => {
        await expectRefused(reimburse(volunteer, 0n), 'AmountZero');
        await reimburse(volunteer, REIMBURSEMENTS - 1n);
        await expectRefused(reimburse(volunteer, 2n), 'ExpensesExceeded');
        await reimburse(volunteer, 1n);
        expect(await standing()).toMatchObject({ expenses: REIMBURSEMENTS, due: REIMBURSEMENTS, stipends: 0n });
        await pay();
        expect(await received()).toBe(REIMBURSEMENTS);
    });

    test('of somebody whose key the site holds need a second signature', async () => {
        const held = await consent(chain, trial, { holder: trials.KeyHolder.Site });
        await expectRefused(reimburse(held, 500n), 'CountersignerMissing');
        expect((await readParticipant(chain, trial, held)).due).toBe(0n);
        await reimburse(held, 500n, 'site and board');
        expect((await readParticipant(chain, trial, held)).due).toBe(500n);
    });
});

describe('a pause [time travel]', () => {
    test('stops consent and enrolment, but neither visits nor what they earn', async (context) => {
        if (!chain.canTravel) return context.skip();
        const screened = await consent(chain, trial);
        await whilePaused(chain, async () => {
            await expectRefused(consent(chain, trial), 'Paused');
            await expectRefused(enrol(chain, trial, screened), 'Paused');
            await attest(chain, trial, volunteer, 0);
            await pay();
        });
        expect(await received()).toBe(5_000n);
        await enrol(chain, trial, screened);
        await consent(chain, trial);
    });
});
