// A trial's data: anchored as they come in, locked when it is over, and results by a deadline that a bond stands for.
import type { Address } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { fetchEvents, trials, trialsEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { randomBytes } from '../harness/keys';
import { adminArgs } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';
import {
    BondState,
    type Trial,
    boardStaff,
    createTrial,
    endTrial,
    expectBooksBalanced,
    readLog,
    readTrial,
    sponsorStaff,
} from '../harness/trial';

const DAY_SECONDS = 86_400;
const RESULTS_DAYS = 30;
const BOND = 50_000n;
const { EndReason } = trials;

let chain: Chain;
let trial: Trial;
let log: Address;
let forfeited: bigint;
beforeEach(async () => {
    chain = await connect();
    trial = await createTrial(chain, { bond: BOND, resultsDays: RESULTS_DAYS });
    [log] = await trials.findDataLogPda({ trial: trial.address });
    forfeited = 0n;
});
afterEach(() => expectBooksBalanced(chain, trial, forfeited));

const sponsor = () => ({ ...sponsorStaff(trial), trial: trial.address, log });
const anchor = async (first: bigint, count: number, root = randomBytes(32)) =>
    chain.send([await trials.getAnchorDataInstructionAsync({ ...sponsor(), root, first, count })]);
const lock = async (root: Parameters<typeof trials.getLockDataInstructionAsync>[0]['root']) =>
    chain.send([await trials.getLockDataInstructionAsync({ ...sponsor(), root })]);
const commitResults = async (digest = randomBytes(32)) =>
    chain.send([await trials.getCommitResultsInstructionAsync({ ...sponsor(), digest })]);
const forfeit = async (beneficiary?: Address) =>
    chain.send([
        await trials.getForfeitBondInstructionAsync({
            trial: trial.address,
            log,
            vault: trial.vault,
            ...(beneficiary === undefined ? {} : { beneficiary }),
            tokenProgram: trial.mint.program,
        }),
    ]);
const nameBeneficiary = async (beneficiary: Address, by = boardStaff(trial)) =>
    chain.send([
        await trials.getNameBeneficiaryInstructionAsync({
            ...by,
            trial: trial.address,
            log,
            beneficiary,
            admin: await adminArgs(chain, (await readTrial(chain, trial)).capsSequence),
        }),
    ]);

describe("a trial's data", () => {
    test('are anchored in order, each batch once', async () => {
        const empty = await readLog(chain, trial);
        expect(empty).toMatchObject({ leaves: 0n, batches: 0, root: new Uint8Array(32) });
        await expectRefused(anchor(1n, 3), 'BatchOutOfOrder');
        await expectRefused(anchor(0n, 0), 'BatchInvalid');
        await expectRefused(anchor(0n, 3, new Uint8Array(32)), 'BatchInvalid');
        const { signature } = await anchor(0n, 3);
        const [event] = await fetchEvents(chain.rpc, signature, await trialsEventSource());
        const first = await readLog(chain, trial);
        expect(event).toMatchObject({ name: 'DataAnchored', data: { first: 0n, count: 3, logRoot: first.root } });
        expect(first).toMatchObject({ leaves: 3n, batches: 1 });
        await expectRefused(anchor(0n, 3), 'BatchAlreadyAnchored');
        await anchor(3n, 5);
        const second = await readLog(chain, trial);
        expect(second).toMatchObject({ leaves: 8n, batches: 2 });
        expect(second.root).not.toEqual(first.root);
    });

    test('are locked when the trial is over, for good, and results in time free the bond', async () => {
        expect((await readTrial(chain, trial)).reserved).toBe(BOND);
        await anchor(0n, 3);
        const { root } = await readLog(chain, trial);
        await expectRefused(lock(root), 'DataStillComing');
        await endTrial(chain, trial, EndReason.Complete);
        await expectRefused(commitResults(), 'DataNotLocked');
        await expectRefused(lock(randomBytes(32)), 'LogRootMismatch');
        await lock(root);
        expect((await readLog(chain, trial)).lockedOn).toBe(await chain.today());
        await expectRefused(lock(root), 'DataLocked');
        await expectRefused(anchor(3n, 1), 'DataLocked');

        await expectRefused(commitResults(new Uint8Array(32)), 'DigestMissing');
        await expectRefused(forfeit(), 'ResultsNotDue');
        await commitResults();
        expect(await readLog(chain, trial)).toMatchObject({ bondState: BondState.Returned, bond: 0n });
        expect((await readTrial(chain, trial)).reserved).toBe(0n);
        await expectRefused(commitResults(), 'ResultsCommitted');
        await expectRefused(forfeit(), 'BondReturned');
    });

    test('that nobody ever collected are not locked', async () => {
        await endTrial(chain, trial, EndReason.Sponsor);
        await expectRefused(lock(new Uint8Array(32)), 'DataEmpty');
        expect(await readLog(chain, trial)).toMatchObject({ batches: 0, bondState: BondState.Held });
    });
});

describe('results that are late [time travel]', () => {
    test('cost the bond, which goes to whom the ethics board has named', async (context) => {
        if (!chain.canTravel) return context.skip();
        const charity = await tokenAccount(chain, trial.mint, trial.board.authority.address);
        const { operator, operatorRecord, sponsor: organization } = sponsorStaff(trial);
        const bySponsor = { operator, operatorRecord, board: organization };
        await expectRefused(nameBeneficiary(charity, bySponsor), 'TrialOfOtherBoard');
        await expectRefused(nameBeneficiary(trial.vault), 'PayeeIsVault');
        await anchor(0n, 3);
        await endTrial(chain, trial, EndReason.Complete);
        await lock((await readLog(chain, trial)).root);
        await expectRefused(forfeit(), 'ResultsNotDue');
        await chain.travel((RESULTS_DAYS + 1) * DAY_SECONDS);

        // Nobody is named yet: the bond is lost all the same, and waits.
        await forfeit();
        expect(await readLog(chain, trial)).toMatchObject({ bondState: BondState.Forfeited, bond: BOND });
        expect(await readTrial(chain, trial)).toMatchObject({ reserved: 0n, payable: BOND });
        await expectRefused(forfeit(), 'BeneficiaryMissing');
        await expectRefused(forfeit(charity), 'WrongBeneficiary');
        await nameBeneficiary(charity);
        await forfeit(charity);
        forfeited = BOND;
        expect(await centsIn(chain, trial.mint, charity)).toBe(BOND);
        expect(await readLog(chain, trial)).toMatchObject({ bondState: BondState.Paid, bond: 0n });
        await expectRefused(forfeit(charity), 'BondPaid');
        await expectRefused(nameBeneficiary(charity), 'BondPaid');

        // Late results are results all the same.
        await commitResults();
        expect((await readLog(chain, trial)).resultsOn).toBe(await chain.today());
    });
});
