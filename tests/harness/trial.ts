// A trial with an ethics board, a site, a schedule and money: what most flows of trials begin with. Each flow makes its own.
import { type Address, type KeyPairSigner, createAddressWithSeed } from '@solana/kit';
import { getCreateAccountWithSeedInstruction } from '@solana-program/system';
import { expect } from 'vitest';

import {
    COHORT_HEADER_SIZE,
    PARTICIPANT_SIZE,
    decodeParticipants,
    registry,
    sha256,
    trials,
} from '../../clients/ts/src';
import type { Chain, Receipt } from './chain';
import { freshSigner, randomBytes } from './keys';
import { type Organization, adminArgs, createOrganization } from './organizations';
import { type TestMint, centsIn, createMint, tokenAccount } from './tokens';

const confirmed = { commitment: 'confirmed' } as const;
/** What a limit or a threshold is that does not limit. */
export const NO_LIMIT = 0xffff_ffff_ffff_ffffn;
/** A day that has not come. */
const NO_DAY = 0x7fff_ffff;
const padding = (bytes: number) => new Uint8Array(bytes);

/** Kinds of milestones, as they are stored. */
export const Kind = { Screening: 0, Visit: 1, FollowUp: 2 } as const;
/** Marks of milestones, as bits. */
export const Mark = { Countersigned: 1, Counts: 2 } as const;

/** What has become of the bond for results. */
export const BondState = { Held: 0, Returned: 1, Forfeited: 2, Paid: 3 } as const;

/** Flags of participants. */
export const Flag = { FollowUp: 1, FailureFee: 2, Settled: 4, Undeliverable: 8 } as const;

export function milestone(
    kind: number,
    stipend: bigint,
    window: readonly [opens: number, closes: number],
    flags = 0,
): trials.MilestoneEntryLike {
    const [opens, closes] = window;
    return { stipend, siteFee: stipend / 10n, opens, closes, kind, flags, padding: padding(2) };
}

/** Screening 50.00; visits of 100.00 at once and 80.00 within a month, countersigned, which count to the bonus of 60.00. */
export const MILESTONES: readonly trials.MilestoneEntryLike[] = [
    milestone(Kind.Screening, 5_000n, [0, 28]),
    milestone(Kind.Visit, 10_000n, [0, 30], Mark.Counts),
    milestone(Kind.Visit, 8_000n, [0, 30], Mark.Counts | Mark.Countersigned),
];
export const BONUS = 6_000n;
export const REIMBURSEMENTS = 2_000n;
/** What consent and enrolment set aside for each: stipends, the site's fees of a tenth, reimbursements and bonus. */
export const AT_CONSENT = 5_000n + 500n + REIMBURSEMENTS;
export const AT_ENROLMENT = 18_000n + 1_800n + BONUS;

/** Caps that the schedule keeps. */
export const CAPS: trials.CapsTermsLike = {
    perVisit: 10_000,
    perParticipant: 40_000,
    perMonth: 40_000,
    bonusShareBps: 2_500,
    siteHeldQuota: 1,
    padding: padding(4),
};

export type Trial = {
    readonly sponsor: Organization;
    readonly board: Organization;
    readonly clinic: Organization;
    readonly mint: TestMint;
    readonly address: Address;
    readonly vault: Address;
    readonly schedule: Address;
    readonly site: Address;
    readonly payout: Address;
    readonly cohort: Address;
};

/** Somebody who takes part: the key that consents, and the token account that is paid. */
export type Volunteer = {
    readonly key: KeyPairSigner;
    readonly index: number;
    readonly person: Address;
    readonly payee: Address;
};

/** The accounts with which the sponsor's staff acts. */
export const sponsorStaff = ({ sponsor }: Trial) => ({
    operator: sponsor.staff,
    operatorRecord: sponsor.staffRecord,
    sponsor: sponsor.address,
});
/** And the ethics board's. */
export const boardStaff = ({ board }: Trial) => ({
    operator: board.staff,
    operatorRecord: board.staffRecord,
    board: board.address,
});
/** The accounts with which the site's staff acts. */
export const siteStaff = ({ clinic, address, site, schedule, cohort }: Trial) => ({
    operator: clinic.staff,
    operatorRecord: clinic.staffRecord,
    organization: clinic.address,
    trial: address,
    site,
    schedule,
    cohort,
});

/** A trial funded with `cents`, with a site and room for `capacity` participants; nobody has consented yet. */
export async function createTrial(
    chain: Chain,
    {
        cents = 1_000_000n,
        capacity = 8,
        taxThreshold = NO_LIMIT,
        bond = 0n,
        resultsDays = 365,
    }: { cents?: bigint; capacity?: number; taxThreshold?: bigint; bond?: bigint; resultsDays?: number } = {},
): Promise<Trial> {
    const sponsor = await createOrganization(chain, registry.OrganizationKind.Sponsor);
    const board = await createOrganization(chain, registry.OrganizationKind.EthicsBoard);
    const clinic = await createOrganization(chain, registry.OrganizationKind.Site);
    const mint = await createMint(chain);
    const number = 1;
    const [address] = await trials.findTrialPda({ sponsor: sponsor.address, number });
    const [vault] = await trials.findVaultPda({ trial: address });
    const [schedule] = await trials.findSchedulePda({ trial: address, number: 1 });
    const [site] = await trials.findSitePda({ trial: address, organization: clinic.address });
    const seed = 'cohort 1';
    const cohort = await createAddressWithSeed({
        baseAddress: clinic.staff.address,
        programAddress: trials.TRIALS_PROGRAM_ADDRESS,
        seed,
    });
    const payout = await tokenAccount(chain, mint, clinic.authority.address);
    const trial = { sponsor, board, clinic, mint, address, vault, schedule, site, payout, cohort };
    await chain.send([
        await trials.getCreateTrialInstructionAsync({
            ...sponsorStaff(trial),
            board: board.address,
            mint: mint.address,
            tokenProgram: mint.program,
            number,
            attestDays: 7,
            taxThreshold,
            withholdingBps: 2_400,
        }),
    ]);
    await setCaps(chain, trial, CAPS);
    await amend(chain, trial, 1);
    await uploadSchedule(chain, trial, 1, MILESTONES);
    if (cents > 0n) await fund(chain, trial, cents);
    await commitPlan(chain, trial, bond, resultsDays);
    await chain.send([
        await trials.getAddSiteInstructionAsync({
            ...sponsorStaff(trial),
            trial: address,
            organization: clinic.address,
            terms: { holdbackBps: 1_000, failures: 0, perEnrolled: 0 },
        }),
        await trials.getAcceptSiteInstructionAsync({
            authority: clinic.authority,
            organization: clinic.address,
            trial: address,
            site,
            payout,
        }),
    ]);
    const space = BigInt(COHORT_HEADER_SIZE + capacity * PARTICIPANT_SIZE);
    await chain.send([
        getCreateAccountWithSeedInstruction({
            payer: chain.payer,
            newAccount: cohort,
            baseAccount: clinic.staff,
            base: clinic.staff.address,
            seed,
            amount: await chain.rpc.getMinimumBalanceForRentExemption(space).send(),
            space,
            programAddress: trials.TRIALS_PROGRAM_ADDRESS,
        }),
        await trials.getOpenCohortInstructionAsync({
            operator: clinic.staff,
            operatorRecord: clinic.staffRecord,
            organization: clinic.address,
            trial: address,
            site,
            cohort,
        }),
    ]);
    return trial;
}

/** Has the ethics board set the caps. */
export async function setCaps(chain: Chain, trial: Trial, caps: trials.CapsTermsLike): Promise<Receipt> {
    const { capsSequence } = await readTrial(chain, trial);
    return chain.send([
        await trials.getSetCapsInstructionAsync({
            ...boardStaff(trial),
            trial: trial.address,
            admin: await adminArgs(chain, capsSequence),
            caps,
        }),
    ]);
}

/** Binds the trial to an analysis plan, and to results within so many days of its end: before that nobody can consent. */
async function commitPlan(chain: Chain, trial: Trial, bond: bigint, resultsDays: number): Promise<Receipt> {
    return chain.send([
        await trials.getCommitPlanInstructionAsync({
            ...sponsorStaff(trial),
            trial: trial.address,
            terms: { planDigest: randomBytes(32), resultsDays, resultsLatest: NO_DAY, bond },
        }),
    ]);
}

/** Publishes version `number` of protocol and consent form, and has the board approve it as of a day, by default today. */
export async function amend(chain: Chain, trial: Trial, number: number, from?: number): Promise<void> {
    const [protocol] = await trials.findProtocolPda({ trial: trial.address, number });
    await chain.send([
        await trials.getPublishProtocolInstructionAsync({
            ...sponsorStaff(trial),
            trial: trial.address,
            number,
            protocolDigest: randomBytes(32),
            consentFormDigest: randomBytes(32),
            renewsConsent: true,
        }),
        await trials.getApproveProtocolInstructionAsync({
            ...boardStaff(trial),
            trial: trial.address,
            protocol,
            effectiveFrom: from ?? (await chain.today()),
        }),
    ]);
}

/** Opens, fills and seals schedule `number`, which succeeds `predecessor` where there is one; its bonus may ask for doses. */
export async function uploadSchedule(
    chain: Chain,
    trial: Trial,
    number: number,
    milestones: readonly trials.MilestoneEntryLike[],
    bonus = BONUS,
    predecessor?: Address,
    adherence?: trials.AdherenceEntryLike,
): Promise<Address> {
    const [schedule] = await trials.findSchedulePda({ trial: trial.address, number });
    const encoder = trials.getMilestoneEntryEncoder();
    const digest = await sha256(milestones.flatMap((entry) => [...encoder.encode(entry)]));
    await chain.send([
        await trials.getOpenScheduleInstructionAsync({
            ...sponsorStaff(trial),
            trial: trial.address,
            predecessor,
            number,
            bonus,
            reimbursements: REIMBURSEMENTS,
        }),
        trials.getAppendMilestonesInstruction({
            opener: trial.sponsor.staff,
            schedule,
            start: 0,
            milestones: [...milestones],
        }),
        ...(adherence === undefined ? [] : [requireAdherence(trial, schedule, adherence)]),
        await trials.getSealScheduleInstructionAsync({
            ...sponsorStaff(trial),
            trial: trial.address,
            schedule,
            count: milestones.length,
            digest,
        }),
    ]);
    return schedule;
}

/** Has the bonus of a schedule that is not sealed ask for doses. */
export function requireAdherence(trial: Trial, schedule: Address, adherence: trials.AdherenceEntryLike) {
    return trials.getRequireAdherenceInstruction({
        ...sponsorStaff(trial),
        trial: trial.address,
        schedule,
        adherence,
    });
}

/** Puts `cents` of newly minted money into the escrow. */
export async function fund(chain: Chain, trial: Trial, cents: bigint): Promise<Receipt> {
    const funder = await freshSigner();
    const source = await tokenAccount(chain, trial.mint, funder.address, cents);
    return chain.send([
        await trials.getFundTrialInstructionAsync({
            funder,
            source,
            trial: trial.address,
            vault: trial.vault,
            mint: trial.mint.address,
            tokenProgram: trial.mint.program,
            amount: cents,
        }),
    ]);
}

/** Has somebody new consent to `version`. */
export async function consent(
    chain: Chain,
    trial: Trial,
    {
        version = 1,
        marker = randomBytes(32),
        holder = trials.KeyHolder.Participant,
    }: { version?: number; marker?: Uint8Array; holder?: trials.KeyHolder } = {},
): Promise<Volunteer> {
    const key = await freshSigner();
    const payee = await tokenAccount(chain, trial.mint, key.address);
    const [config] = await registry.findConfigPda();
    const [person] = await trials.findPersonPda({ sponsor: trial.sponsor.address, marker });
    const index = (await readParticipants(chain, trial)).length;
    await chain.send([
        await trials.getRecordConsentInstructionAsync({
            ...siteStaff(trial),
            key,
            config,
            person,
            payee,
            marker,
            holder,
            version,
        }),
    ]);
    return { key, index, person, payee };
}

export async function enrol(chain: Chain, trial: Trial, { index }: Volunteer): Promise<Receipt> {
    const [config] = await registry.findConfigPda();
    return chain.send([await trials.getEnrolParticipantInstructionAsync({ ...siteStaff(trial), config, index })]);
}

/** Has somebody new consent and be enrolled. */
export async function join(chain: Chain, trial: Trial): Promise<Volunteer> {
    const volunteer = await consent(chain, trial);
    await enrol(chain, trial, volunteer);
    return volunteer;
}

/** Has the site attest a visit of today. */
export async function attest(
    chain: Chain,
    trial: Trial,
    { index, person }: Volunteer,
    number: number,
    visitDay?: number,
): Promise<Receipt> {
    return chain.send([
        await trials.getAttestMilestoneInstructionAsync({
            ...siteStaff(trial),
            person,
            index,
            milestone: number,
            visitDay: visitDay ?? (await chain.today()),
        }),
    ]);
}

/** Has the participant end the participation. */
export async function leave(
    chain: Chain,
    trial: Trial,
    { key, index, person }: Volunteer,
    departure: trials.DepartureArg,
    followUp = false,
): Promise<Receipt> {
    const { site, schedule, cohort, address } = trial;
    return chain.send([
        await trials.getEndParticipationInstructionAsync({
            signer: key,
            trial: address,
            site,
            schedule,
            cohort,
            person,
            index,
            departure,
            followUp,
        }),
    ]);
}

/** The instruction that pays these participants. */
export async function payInstruction(trial: Trial, volunteers: readonly Volunteer[], atOnce = true) {
    const instruction = await trials.getPayParticipantsInstructionAsync({
        trial: trial.address,
        cohort: trial.cohort,
        vault: trial.vault,
        tokenProgram: trial.mint.program,
        indexes: volunteers.map(({ index }) => index),
        atOnce,
    });
    const payees = volunteers.map(({ payee }) => ({ address: payee, role: 1 as const }));
    return { ...instruction, accounts: [...instruction.accounts, ...payees] };
}

export async function readTrial(chain: Chain, trial: Pick<Trial, 'address'>): Promise<trials.Trial> {
    return (await trials.fetchTrial(chain.rpc, trial.address, confirmed)).data;
}

export async function readSite(chain: Chain, trial: Trial): Promise<trials.Site> {
    return (await trials.fetchSite(chain.rpc, trial.site, confirmed)).data;
}

export async function readParticipants(chain: Chain, trial: Trial): Promise<trials.Participant[]> {
    const data = await chain.data(trial.cohort);
    if (data === undefined) throw new Error('there is no cohort');
    return decodeParticipants(data);
}

export async function readParticipant(chain: Chain, trial: Trial, { index }: Volunteer): Promise<trials.Participant> {
    const participant = (await readParticipants(chain, trial))[index];
    if (participant === undefined) throw new Error(`there is no participant ${index}`);
    return participant;
}

/** Has the trial end today. */
export async function endTrial(chain: Chain, trial: Trial, reason: trials.EndReason): Promise<Receipt> {
    return chain.send([
        await trials.getEndTrialInstructionAsync({
            operator: trial.sponsor.staff,
            operatorRecord: trial.sponsor.staffRecord,
            organization: trial.sponsor.address,
            trial: trial.address,
            admin: await adminArgs(chain, (await readTrial(chain, trial)).sequence),
            reason,
        }),
    ]);
}

/** Reckons up what somebody earned who has left, or whose trial is over. */
export async function settle(chain: Chain, trial: Trial, { index, person }: Volunteer): Promise<Receipt> {
    return chain.send([
        await trials.getSettleParticipantInstructionAsync({
            trial: trial.address,
            site: trial.site,
            schedule: trial.schedule,
            cohort: trial.cohort,
            person,
            index,
        }),
    ]);
}

export async function readLog(chain: Chain, trial: Trial): Promise<trials.DataLog> {
    const [log] = await trials.findDataLogPda({ trial: trial.address });
    return (await trials.fetchDataLog(chain.rpc, log, confirmed)).data;
}

/** What the site earns beside its fees; none where it was offered nothing. */
export async function readSitePlan(chain: Chain, trial: Trial): Promise<trials.SitePlan | undefined> {
    const [plan] = await trials.findSitePlanPda({ site: trial.site });
    const account = await trials.fetchMaybeSitePlan(chain.rpc, plan, confirmed);
    return account.exists ? account.data : undefined;
}

/**
 * Every cent that came in was paid, taken back, or is in the vault; and each part of the ledger is what the accounts say.
 * `paidElsewhere`: cents that left for neither participants nor the site.
 */
export async function expectBooksBalanced(chain: Chain, trial: Trial, paidElsewhere = 0n): Promise<void> {
    const [ledger, site, participants, log, plan] = [
        await readTrial(chain, trial),
        await readSite(chain, trial),
        await readParticipants(chain, trial),
        await readLog(chain, trial),
        await readSitePlan(chain, trial),
    ];
    const escrow = ledger.funded - ledger.paid - ledger.withdrawn;
    expect(await centsIn(chain, trial.mint, trial.vault)).toBe(escrow);
    expect(escrow).toBeGreaterThanOrEqual(ledger.reserved + ledger.payable);
    const sum = (of: (one: (typeof participants)[number]) => bigint) =>
        participants.reduce((total, one) => total + of(one), 0n);
    const bondIn = (state: number) => (log.bondState === state ? log.bond : 0n);
    expect(ledger.reserved).toBe(sum(({ reserved }) => reserved) + (plan?.reserved ?? 0n) + bondIn(BondState.Held));
    expect(ledger.payable).toBe(
        sum(({ due, held }) => due + held) + site.payable + site.held + ledger.withheld + bondIn(BondState.Forfeited),
    );
    expect(ledger.paid).toBe(sum(({ paid }) => paid) + site.paid + paidElsewhere);
    for (const { stipends, expenses, due, held, withheld, paid, attested, earned, paidBits } of participants) {
        expect(due + held + withheld + paid).toBe(stipends + expenses);
        expect(earned & ~attested).toBe(0n);
        expect(paidBits & ~earned).toBe(0n);
    }
}
