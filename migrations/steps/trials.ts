// The trials program: trials, the ethics board's caps, schedules and sites. Versions of protocol and consent form are acts of the
// people who publish and approve them, and no part of a configuration.
import { type Address, type KeyPairSigner, fetchEncodedAccount } from '@solana/kit';
import { findAssociatedTokenPda, getCreateAssociatedTokenIdempotentInstructionAsync } from '@solana-program/token';
import { z } from 'zod';

import { registry, sha256, trials } from '../../clients/ts/src';
import type { Cluster } from '../cluster';
import { type Files, MigrationError, type SiteConfig, type TrialConfig, invalid } from '../config';
import type { Report } from '../report';
import type { Organization } from './registry';

const NO_LIMIT = 0xffff_ffff_ffff_ffffn;
const MILESTONES_AT_ONCE = 30;
const confirmed = { commitment: 'confirmed' } as const;

const cents = z.int().min(0);
const milestone = z.strictObject({
    /** For people; it stays in the document. */
    name: z.string().min(1).optional(),
    kind: z.enum(['screening', 'visit', 'follow_up']),
    stipend: cents,
    site_fee: cents.default(0),
    opens: z.int().min(0).max(0xffff),
    closes: z.int().min(0).max(0xffff),
    countersigned: z.boolean().default(false),
    counts: z.boolean().default(false),
});
/** Doses that the bonus asks for, counted by windows from the day of enrolment. */
const adherence = z.strictObject({
    window_days: z.int().min(1).max(0xffff),
    windows: z.int().min(1).max(64),
    doses: z.int().min(1).max(0xff),
    threshold_bps: z.int().min(1).max(10_000),
});
/** SCHEDULE.json, as `galen trial schedule` takes it. */
const schedule = z
    .strictObject({
        bonus: cents.default(0),
        reimbursements: cents.default(0),
        adherence: adherence.nullable().default(null),
        /** The number of the schedule whose participants can pass to this one. */
        succeeds: z.int().min(1).max(0xffff).nullable().default(null),
        milestones: z.array(milestone).min(1).max(64),
    })
    .refine((one) => one.adherence === null || one.bonus > 0, {
        path: ['adherence'],
        message: 'doses gate a bonus, and there is none',
    });

type Trial = {
    readonly address: Address;
    readonly mint: Address;
    readonly tokenProgram: Address;
    readonly sponsor: Address;
    readonly operator: KeyPairSigner;
    readonly operatorRecord: Address;
};

const staffOf = ({ operator, operatorRecord, sponsor }: Trial) => ({ operator, operatorRecord, sponsor });

/** Creates a trial, keeps the ethics board's caps as they are configured, uploads schedules and brings in sites. */
export async function migrateTrial(
    cluster: Cluster,
    wanted: TrialConfig,
    organization: (name: string) => Organization,
    files: Files,
    report: Report,
): Promise<void> {
    const sponsor = organization(wanted.sponsor).address;
    const board = organization(wanted.board).address;
    const operator = await files.signer(wanted.operator);
    const [operatorRecord] = await registry.findOperatorPda({ organization: sponsor, key: operator.address });
    const [address] = await trials.findTrialPda({ sponsor, number: wanted.number });
    const mint = await fetchEncodedAccount(cluster.rpc, wanted.mint, confirmed);
    if (!mint.exists)
        throw new MigrationError(
            'mint_missing',
            `the mint ${wanted.mint} is not on this cluster`,
            `trial ${wanted.name}`,
        );
    const trial = {
        address,
        mint: wanted.mint,
        tokenProgram: mint.programAddress,
        sponsor,
        operator,
        operatorRecord,
    };
    await report.step(`trial ${wanted.name}`, address, () => create(cluster, wanted, trial, board));
    const caps = wanted.caps;
    if (caps !== null) {
        const overseer = await files.signer(caps.operator);
        await report.step(`trial ${wanted.name}: caps`, address, () =>
            setCaps(cluster, { ...caps, overseer, board }, trial),
        );
    }
    for (const [index, document] of wanted.schedules.entries()) {
        const number = index + 1;
        const [scheduleAddress] = await trials.findSchedulePda({ trial: address, number });
        const parsed = schedule.safeParse(await files.json(document));
        if (!parsed.success) throw invalid('schedule_invalid', document, parsed.error);
        await report.step(`trial ${wanted.name}: schedule ${number}`, scheduleAddress, () =>
            upload(cluster, trial, scheduleAddress, number, parsed.data),
        );
    }
    for (const site of wanted.sites) {
        const conductor = organization(site.organization);
        const [siteAddress] = await trials.findSitePda({ trial: address, organization: conductor.address });
        const name = `trial ${wanted.name}: site ${site.organization}`;
        await report.step(`${name} offered`, siteAddress, () => offer(cluster, site, trial, conductor, siteAddress));
        await report.step(`${name} accepted`, siteAddress, () => accept(cluster, site, trial, conductor, siteAddress));
    }
}

async function create(cluster: Cluster, wanted: TrialConfig, trial: Trial, board: Address) {
    const terms = {
        attestDays: wanted.attestDays,
        taxThreshold: wanted.taxThreshold === null ? NO_LIMIT : BigInt(wanted.taxThreshold),
        withholdingBps: wanted.withholdingBps,
    };
    const there = await trials.fetchMaybeTrial(cluster.rpc, trial.address, confirmed);
    if (!there.exists) {
        return [
            await cluster.send([
                await trials.getCreateTrialInstructionAsync({
                    ...staffOf(trial),
                    ...terms,
                    board,
                    mint: trial.mint,
                    tokenProgram: trial.tokenProgram,
                    number: wanted.number,
                }),
            ]),
        ];
    }
    const { data } = there;
    const same =
        data.board === board &&
        data.mint === trial.mint &&
        data.attestDays === terms.attestDays &&
        data.taxThreshold === terms.taxThreshold &&
        data.withholdingBps === terms.withholdingBps;
    if (!same)
        throw new MigrationError('trial_differs', 'is there on other terms, which never change; take another number');
    return [];
}

async function setCaps(
    cluster: Cluster,
    wanted: NonNullable<TrialConfig['caps']> & { overseer: KeyPairSigner; board: Address },
    trial: Trial,
) {
    const limit = (amount: number | null) => (amount === null ? NO_LIMIT : BigInt(amount));
    const caps = {
        perVisit: limit(wanted.perVisit),
        perParticipant: limit(wanted.perParticipant),
        perMonth: limit(wanted.perMonth),
        bonusShareBps: wanted.bonusShareBps,
        siteHeldQuota: wanted.siteHeldQuota,
        padding: new Uint8Array(4),
    };
    const { data } = await trials.fetchTrial(cluster.rpc, trial.address, confirmed);
    const now = data.caps;
    const same =
        data.capsVersion > 0 &&
        now.perVisit === caps.perVisit &&
        now.perParticipant === caps.perParticipant &&
        now.perMonth === caps.perMonth &&
        now.bonusShareBps === caps.bonusShareBps &&
        now.siteHeldQuota === caps.siteHeldQuota;
    if (same) return [];
    const { overseer, board } = wanted;
    const [operatorRecord] = await registry.findOperatorPda({ organization: board, key: overseer.address });
    const admin = await cluster.admin(data.capsSequence);
    return [
        await cluster.send([
            await trials.getSetCapsInstructionAsync({
                operator: overseer,
                operatorRecord,
                board,
                trial: trial.address,
                admin,
                caps,
            }),
        ]),
    ];
}

/** Opens, fills and seals a schedule; what was cut off is continued where the ledger stands. */
async function upload(
    cluster: Cluster,
    trial: Trial,
    address: Address,
    number: number,
    document: z.infer<typeof schedule>,
) {
    const encoder = trials.getMilestoneEntryEncoder();
    const entries = document.milestones.map(entryOf);
    const bytes = entries.map((entry) => encoder.encode(entry));
    const doses = dosesOf(document);
    const sent = [];
    const there = await trials.fetchMaybeSchedule(cluster.rpc, address, confirmed);
    if (there.exists) {
        const { data } = there;
        const begun = data.milestones.slice(0, data.count).map((entry) => encoder.encode(entry));
        const same =
            data.bonus === BigInt(document.bonus) &&
            data.reimbursements === BigInt(document.reimbursements) &&
            data.succeeds[0] === (document.succeeds ?? 0) &&
            (sameDoses(data.adherence, doses) || (data.sealed === 0 && sameDoses(data.adherence, NO_DOSES))) &&
            begun.length <= bytes.length &&
            begun.every((entry, index) => Buffer.compare(new Uint8Array(entry), new Uint8Array(bytes[index]!)) === 0);
        if (!same || (data.sealed === 1 && data.count !== entries.length))
            throw new MigrationError('schedule_differs', 'is there with other content; a schedule never changes');
        if (data.sealed === 1) return [];
    } else {
        const predecessor = document.succeeds === null ? undefined : await scheduleOf(trial, document.succeeds);
        const open = await trials.getOpenScheduleInstructionAsync({
            ...staffOf(trial),
            trial: trial.address,
            predecessor,
            number,
            bonus: document.bonus,
            reimbursements: document.reimbursements,
        });
        sent.push(await cluster.send([open]));
    }
    for (let start = there.exists ? there.data.count : 0; start < entries.length; start += MILESTONES_AT_ONCE) {
        const milestones = entries.slice(start, start + MILESTONES_AT_ONCE);
        const append = { opener: trial.operator, schedule: address, start, milestones };
        sent.push(await cluster.send([trials.getAppendMilestonesInstruction(append)]));
    }
    if (!sameDoses(there.exists ? there.data.adherence : NO_DOSES, doses)) {
        const require = trials.getRequireAdherenceInstruction({
            ...staffOf(trial),
            trial: trial.address,
            schedule: address,
            adherence: doses,
        });
        sent.push(await cluster.send([require]));
    }
    const digest = await sha256(bytes.flatMap((entry) => [...entry]));
    const seal = await trials.getSealScheduleInstructionAsync({
        ...staffOf(trial),
        trial: trial.address,
        schedule: address,
        count: entries.length,
        digest,
    });
    sent.push(await cluster.send([seal]));
    return sent;
}

async function scheduleOf(trial: Trial, number: number): Promise<Address> {
    const [schedule] = await trials.findSchedulePda({ trial: trial.address, number });
    return schedule;
}

const NO_DOSES: trials.AdherenceEntry = {
    windowDays: 0,
    windows: 0,
    doses: 0,
    thresholdBps: 0,
    padding: new Uint8Array(2),
};

/** What the bonus asks for beside attendance, as it stands on the ledger; zeros = nothing. */
function dosesOf({ adherence: asked }: z.infer<typeof schedule>): trials.AdherenceEntry {
    if (asked === null) return NO_DOSES;
    return {
        windowDays: asked.window_days,
        windows: asked.windows,
        doses: asked.doses,
        thresholdBps: asked.threshold_bps,
        padding: new Uint8Array(2),
    };
}

function sameDoses(one: trials.AdherenceEntry, other: trials.AdherenceEntry): boolean {
    return (
        one.windowDays === other.windowDays &&
        one.windows === other.windows &&
        one.doses === other.doses &&
        one.thresholdBps === other.thresholdBps
    );
}

function entryOf(one: z.infer<typeof milestone>): trials.MilestoneEntryLike {
    return {
        stipend: one.stipend,
        siteFee: one.site_fee,
        opens: one.opens,
        closes: one.closes,
        kind: { screening: 0, visit: 1, follow_up: 2 }[one.kind],
        flags: (one.countersigned ? 1 : 0) | (one.counts ? 2 : 0),
        padding: new Uint8Array(2),
    };
}

async function offer(cluster: Cluster, wanted: SiteConfig, trial: Trial, site: Organization, address: Address) {
    const terms = {
        holdbackBps: wanted.holdbackBps,
        failures: wanted.failures,
        perEnrolled: wanted.perEnrolled,
    };
    const there = await trials.fetchMaybeSite(cluster.rpc, address, confirmed);
    if (!there.exists) {
        return [
            await cluster.send([
                await trials.getAddSiteInstructionAsync({
                    ...staffOf(trial),
                    trial: trial.address,
                    organization: site.address,
                    terms,
                }),
            ]),
        ];
    }
    const { data } = there;
    const same =
        data.holdbackBps === terms.holdbackBps &&
        data.failures === terms.failures &&
        data.perEnrolled === terms.perEnrolled;
    if (!same) throw new MigrationError('site_differs', 'was offered the trial on other terms, which never change');
    return [];
}

async function accept(cluster: Cluster, wanted: SiteConfig, trial: Trial, site: Organization, address: Address) {
    const { data } = await trials.fetchSite(cluster.rpc, address, confirmed);
    if (data.accepted === 1) return [];
    const token = { owner: site.authority.address, mint: trial.mint, tokenProgram: trial.tokenProgram };
    const [associated] = await findAssociatedTokenPda(token);
    const make =
        wanted.payout === null
            ? [await getCreateAssociatedTokenIdempotentInstructionAsync({ ...token, payer: cluster.payer })]
            : [];
    const agree = await trials.getAcceptSiteInstructionAsync({
        authority: site.authority,
        organization: site.address,
        trial: trial.address,
        site: address,
        payout: wanted.payout ?? associated,
    });
    return [await cluster.send([...make, agree])];
}
