// A visit that nobody attests: the participant claims it, the site has its turn, then the ethics board's arbiter; and silence pays.
import { type Address, getAddressEncoder, getProgramDerivedAddress, getU16Encoder } from '@solana/kit';
import { beforeEach, describe, expect, test } from 'vitest';

import { trials } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';
import {
    type Trial,
    type Volunteer,
    attest,
    createTrial,
    join,
    payInstruction,
    readParticipant,
    readSite,
    siteStaff,
} from '../harness/trial';

const DAY_SECONDS = 86_400;
/** As the trial of the flows has it: days in which a site can attest. */
const ATTEST_DAYS = 7;
const ARBITER_DAYS = 30;
const VISIT = 1;

let chain: Chain;
let trial: Trial;
let volunteer: Volunteer;
let claim: Address;
beforeEach(async () => {
    chain = await connect();
    trial = await createTrial(chain);
    volunteer = await join(chain, trial);
    // The participant pays the rent of the claim, and gets it back.
    await chain.fund([volunteer.key.address], 0.1);
    [claim] = await getProgramDerivedAddress({
        programAddress: trials.TRIALS_PROGRAM_ADDRESS,
        seeds: [
            'visit_claim',
            getAddressEncoder().encode(trial.cohort),
            getU16Encoder().encode(volunteer.index),
            new Uint8Array([VISIT]),
        ],
    });
    await chain.send([
        await trials.getClaimVisitInstructionAsync({
            signer: volunteer.key,
            trial: trial.address,
            schedule: trial.schedule,
            cohort: trial.cohort,
            claim,
            index: volunteer.index,
            milestone: VISIT,
            visitDay: await chain.today(),
            evidenceDigest: randomBytes(32),
        }),
    ]);
});

const escalate = async () =>
    chain.send([await trials.getEscalateVisitInstructionAsync({ cohort: trial.cohort, claim })]);

const parties = () => ({
    trial: trial.address,
    site: trial.site,
    schedule: trial.schedule,
    cohort: trial.cohort,
    person: volunteer.person,
    claim,
});

const arbitrate = async (grant: boolean) =>
    chain.send([
        await trials.getArbitrateVisitInstructionAsync({
            ...parties(),
            operator: trial.board.staff,
            operatorRecord: trial.board.staffRecord,
            board: trial.board.address,
            grant,
            reasonDigest: randomBytes(32),
        }),
    ]);

const grantBySilence = async () => chain.send([await trials.getGrantVisitInstructionAsync(parties())]);

async function expectPaid(cents: bigint): Promise<void> {
    await chain.send([await payInstruction(trial, [volunteer])]);
    expect(await centsIn(chain, trial.mint, volunteer.payee)).toBe(cents);
}

describe('a claim to a visit', () => {
    test('is first with the site, which may attest the visit all the same', async () => {
        await expectRefused(arbitrate(true), 'ClaimWithTheSite');
        await expectRefused(escalate(), 'ClaimWithTheSite');
        await attest(chain, trial, volunteer, VISIT);
        expect(await readParticipant(chain, trial, volunteer)).toMatchObject({ claimed: 0n, due: 10_000n });
        await expectPaid(10_000n);
    });

    test('that the site refuses can be granted by the arbiter; the site earns nothing by it', async () => {
        const { operator, operatorRecord, organization, site, cohort } = siteStaff(trial);
        await chain.send([
            await trials.getRefuseVisitInstructionAsync({
                operator,
                operatorRecord,
                organization,
                site,
                cohort,
                claim,
                reasonDigest: randomBytes(32),
            }),
        ]);
        await expectPaid(0n);
        await arbitrate(true);
        await expectPaid(10_000n);
        expect(await readSite(chain, trial)).toMatchObject({ payable: 0n, held: 0n });
        await expectRefused(arbitrate(true), 'AlreadyEarned');
    });

    test('that the site leaves goes to the arbiter, whose silence pays [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        await chain.travel((ATTEST_DAYS + 1) * DAY_SECONDS);
        await expectRefused(
            attest(chain, trial, volunteer, VISIT, (await chain.today()) - ATTEST_DAYS - 1),
            'VisitTooLate',
        );
        await escalate();
        await expectRefused(grantBySilence(), 'ClaimWithTheArbiter');
        await chain.travel((ARBITER_DAYS + 1) * DAY_SECONDS);
        await grantBySilence();
        await expectPaid(10_000n);
        const before = await chain.balance(volunteer.key.address);
        await chain.send([
            trials.getCloseVisitClaimInstruction({
                cohort: trial.cohort,
                claim,
                payer: volunteer.key.address,
            }),
        ]);
        expect(await chain.balance(volunteer.key.address)).toBeGreaterThan(before);
        expect(await chain.data(claim)).toBeUndefined();
    });
});
