// What a site earns beside its fees for visits, and where it is paid.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { fetchEvents, trials, trialsEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner, randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn, tokenAccount } from '../harness/tokens';
import {
    type Trial,
    createTrial,
    endTrial,
    expectBooksBalanced,
    join,
    readSite,
    readSitePlan,
    readTrial,
    siteStaff,
    sponsorStaff,
} from '../harness/trial';

const DAY_SECONDS = 86_400;
/** Days that a sponsor has to answer what a site says it has done. */
const SPONSOR_DAYS = 30;
/** Days after the end of a trial from which its site can be given no more of what it was offered. */
const CLOSE_OUT_DAYS = 90;
/** Start-up 200.00, when the site says so; the first enrolled 300.00; close-out 500.00, when the site says so. */
const [STARTED, ENROLLED, CLOSED] = [0, 1, 2];
const OFFERED = [
    { amount: 20_000n, enrolled: 0 },
    { amount: 30_000n, enrolled: 1 },
    { amount: 50_000n, enrolled: 0 },
];

let chain: Chain;
let trial: Trial;
beforeEach(async () => {
    chain = await connect();
    trial = await createTrial(chain);
});
afterEach(() => expectBooksBalanced(chain, trial));

const planAddress = async () => (await trials.findSitePlanPda({ site: trial.site }))[0];
const offer = async (milestones: trials.SiteMilestoneTermsLike[]) =>
    chain.send([
        await trials.getOfferSiteMilestonesInstructionAsync({
            ...sponsorStaff(trial),
            trial: trial.address,
            site: trial.site,
            milestones,
        }),
    ]);
const declare = async (milestone: number) => {
    const { operator, operatorRecord, organization, site } = siteStaff(trial);
    return chain.send([
        await trials.getDeclareSiteMilestoneInstructionAsync({
            operator,
            operatorRecord,
            organization,
            site,
            plan: await planAddress(),
            milestone,
            evidenceDigest: randomBytes(32),
        }),
    ]);
};
const answer = async (milestone: number, confirm: boolean) =>
    chain.send([
        await trials.getAnswerSiteMilestoneInstructionAsync({
            ...sponsorStaff(trial),
            trial: trial.address,
            site: trial.site,
            plan: await planAddress(),
            milestone,
            confirm,
            reasonDigest: randomBytes(32),
        }),
    ]);
const earn = async (milestone: number) =>
    chain.send([
        await trials.getEarnSiteMilestoneInstructionAsync({
            trial: trial.address,
            site: trial.site,
            plan: await planAddress(),
            milestone,
        }),
    ]);
const lapse = async () =>
    chain.send([
        await trials.getLapseSiteMilestonesInstructionAsync({
            trial: trial.address,
            site: trial.site,
            plan: await planAddress(),
        }),
    ]);
const pay = async (payout = trial.payout) =>
    chain.send([
        await trials.getPaySiteInstructionAsync({
            trial: trial.address,
            site: trial.site,
            vault: trial.vault,
            payout,
            tokenProgram: trial.mint.program,
        }),
    ]);

describe("a site's own milestones", () => {
    test('are set aside when they are offered, and earned by the numbers enrolled', async () => {
        await expectRefused(offer([]), 'SiteMilestonesInvalid');
        await expectRefused(offer([{ amount: 0n, enrolled: 0 }]), 'SiteMilestonesInvalid');
        await expectRefused(offer([{ amount: 1_000_001n, enrolled: 0 }]), 'EscrowShort');
        expect((await readTrial(chain, trial)).reserved).toBe(0n);
        await offer(OFFERED);
        expect((await readTrial(chain, trial)).reserved).toBe(100_000n);

        await expectRefused(earn(ENROLLED), 'SiteMilestoneTooFew');
        await expectRefused(declare(ENROLLED), 'SiteMilestoneCounted');
        await join(chain, trial);
        const { signature } = await earn(ENROLLED);
        const [event] = await fetchEvents(chain.rpc, signature, await trialsEventSource());
        expect(event).toMatchObject({ name: 'SiteMilestoneMoved', data: { milestone: ENROLLED, earned: 30_000n } });
        // A tenth is held back until close-out.
        expect(await readSite(chain, trial)).toMatchObject({ payable: 27_000n, held: 3_000n });
        expect((await readSitePlan(chain, trial))?.reserved).toBe(70_000n);
        await expectRefused(earn(ENROLLED), 'SiteMilestoneOver');
        await pay();
        expect(await centsIn(chain, trial.mint, trial.payout)).toBe(27_000n);
    });

    test('are answered by the sponsor when the site says that they are done', async () => {
        await offer(OFFERED);
        await expectRefused(answer(STARTED, false), 'SiteMilestoneUndeclared');
        await expectRefused(earn(STARTED), 'SiteMilestoneUndeclared');
        await declare(STARTED);
        await expectRefused(declare(STARTED), 'SiteMilestoneDeclared');
        await expectRefused(earn(STARTED), 'SiteMilestonePending');
        await answer(STARTED, false);
        expect(await readSite(chain, trial)).toMatchObject({ payable: 0n, held: 0n });
        await declare(STARTED);
        await answer(STARTED, true);
        expect(await readSite(chain, trial)).toMatchObject({ payable: 18_000n, held: 2_000n });
        await expectRefused(answer(STARTED, true), 'SiteMilestoneOver');
    });

    test('are earned by silence, and lapse when the trial is over [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        await offer(OFFERED);
        await declare(CLOSED);
        await chain.travel((SPONSOR_DAYS + 1) * DAY_SECONDS);
        await earn(CLOSED);
        expect(await readSite(chain, trial)).toMatchObject({ payable: 45_000n, held: 5_000n });

        await expectRefused(lapse(), 'TrialRunning');
        await endTrial(chain, trial, trials.EndReason.Complete);
        await expectRefused(lapse(), 'TrialRunning');
        await chain.travel((CLOSE_OUT_DAYS + 1) * DAY_SECONDS);
        expect((await readTrial(chain, trial)).reserved).toBe(50_000n);
        await lapse();
        expect((await readTrial(chain, trial)).reserved).toBe(0n);
        await expectRefused(lapse(), 'NothingDue');
        await expectRefused(answer(STARTED, true), 'SiteMilestoneOver');
    });
});

describe("where a site's money goes", () => {
    const change = async () => (await trials.findPayoutChangePda({ site: trial.site }))[0];
    const propose = async (payout: Trial['payout'], authority = trial.clinic.authority) =>
        chain.send([
            await trials.getProposePayoutInstructionAsync({
                authority,
                organization: trial.clinic.address,
                trial: trial.address,
                site: trial.site,
                payout,
            }),
        ]);
    const cancel = async (signer = trial.clinic.authority) =>
        chain.send([
            await trials.getCancelPayoutInstructionAsync({
                signer,
                organization: trial.clinic.address,
                site: trial.site,
                change: await change(),
                payer: trial.clinic.authority.address,
            }),
        ]);
    const apply = async () =>
        chain.send([
            await trials.getApplyPayoutInstructionAsync({
                site: trial.site,
                change: await change(),
                payer: trial.clinic.authority.address,
            }),
        ]);

    test('changes after three days, and whoever is paid now can stop that [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        const to = await tokenAccount(chain, trial.mint, (await freshSigner()).address);
        await expectRefused(propose(to, trial.sponsor.authority), 'NotSiteAuthority');
        await expectRefused(propose(trial.vault), 'PayeeIsVault');
        await propose(to);
        await expectRefused(apply(), 'PayoutChangeTooEarly');
        await expectRefused(cancel(trial.sponsor.authority), 'NotPayoutOwner');
        await cancel();
        expect(await chain.data(await change())).toBeUndefined();
        expect((await readSite(chain, trial)).payout).toBe(trial.payout);

        await propose(to);
        await chain.travel(3 * DAY_SECONDS);
        await apply();
        expect(await readSite(chain, trial)).toMatchObject({ payout: to });
        await offer([{ amount: 20_000n, enrolled: 0 }]);
        await declare(STARTED);
        await answer(STARTED, true);
        await expectRefused(pay(), 'WrongPayout');
        await pay(to);
        expect(await centsIn(chain, trial.mint, to)).toBe(18_000n);
        expect(await centsIn(chain, trial.mint, trial.payout)).toBe(0n);
    });
});
