// Plans that demand more: details of a version are uploaded and sealed, and met by what is stated of claims and members.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims, readStated, sha256 } from '../../clients/ts/src';
import { expectBalanced, expectPoolBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Opened, adjudicateDraft, draft } from '../harness/drafts';
import {
    BENEFITS,
    type Insurance,
    type Pool,
    clerkAccounts,
    codeOf,
    contractProvider,
    createPlan,
    createPool,
    decideInstruction,
    enrolMember,
    eventsOf,
    insurerAccounts,
    publishVersion,
    readClaim,
    scheduleEntries,
    staffOf,
    submitClaim,
    uploadSchedule,
    withNewMember,
} from '../harness/insurance';
import { freshSigner, randomBytes } from '../harness/keys';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimFactKind, ClaimStatus, MemberFactKind, PendReason, decision } = claims;
const confirmed = { commitment: 'confirmed' } as const;
/** What details say: members must meet something; a code needs an attachment; is for a diagnosis; is experimental. */
const [REQUIREMENT, ATTACHMENT, DIAGNOSED_FOR, EXPERIMENTAL] = [3, 67, 70, 75];
/** The reasons of a denial by each. */
const [UNMET, NOT_ATTACHED, OTHER_DIAGNOSIS, NO_EXPERIMENTS] = [177, 252, 11, 55];
const NOTHING = new Uint8Array(8);
/** The remark that names what must be attached. */
const NAMED_BY = Uint8Array.from(Buffer.from('N40'.padEnd(8, '\0')));
/** A fact about the claim, not about a line. */
const ALL_LINES = 255;
const VISIT = { code: '99213', charge: 12_500n };
const DRAW = { code: '36415', charge: 1_000n };
const PEEL = { code: '15788', charge: 30_000n };

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

const demand = (subject: Uint8Array, kind: number, object: Uint8Array): claims.DetailEntry => ({
    subject,
    kind,
    object,
    rank: 0,
    number: new Uint8Array(2),
    more: new Uint8Array(8),
    indicator: 0,
    reserved: new Uint8Array(3),
});
const encode = (entry: claims.DetailEntry) => claims.getDetailEntryEncoder().encode(entry);
const sorted = (entries: claims.DetailEntry[]) =>
    entries.sort((a, b) => Buffer.compare(Buffer.from(encode(a)), Buffer.from(encode(b))));

const detailsOf = async (plan: Address, number: number) => (await claims.findPlanDetailsPda({ plan, number }))[0];
const open = async (pool: Pool, plan: Address, number: number) =>
    chain.send([
        await claims.getOpenPlanDetailsInstructionAsync({
            ...insurerAccounts(pool),
            plan,
            details: await detailsOf(plan, number),
        }),
    ]);
const append = (
    opener: Pool['insurer']['staff'],
    details: Address,
    startIndex: number,
    entries: claims.DetailEntry[],
) => chain.send([claims.getAppendPlanDetailsInstruction({ opener, details, startIndex, entries })]);
const seal = async (pool: Pool, plan: Address, details: Address, entries: claims.DetailEntry[]) =>
    chain.send([
        await claims.getSealPlanDetailsInstructionAsync({
            ...insurerAccounts(pool),
            plan,
            details,
            count: entries.length,
            digest: await sha256(entries.flatMap((entry) => [...encode(entry)])),
        }),
    ]);
const close = async (pool: Pool, plan: Address, details: Address, planVersion?: Address) =>
    chain.send([
        await claims.getClosePlanDetailsInstructionAsync({
            ...insurerAccounts(pool),
            plan,
            details,
            opener: pool.insurer.staff.address,
            ...(planVersion === undefined ? {} : { planVersion }),
        }),
    ]);
const read = async (details: Address) => (await claims.fetchPlanDetails(chain.rpc, details, confirmed)).data;

describe("a plan version's details", () => {
    test('are opened for the next version, filled in order, sealed by their digest, and published', async () => {
        const pool = await createPool(chain, { cents: 0n });
        const { staff } = pool.insurer;
        const plan = await createPlan(chain, pool);
        const details = await detailsOf(plan, 1);
        const [opened] = await eventsOf(chain, await open(pool, plan, 1));
        expect(opened).toMatchObject({ name: 'PlanDetailsOpened', data: { details, plan, number: 1 } });
        expect(await read(details)).toMatchObject({ plan, opener: staff.address, number: 1, count: 0, sealed: 0 });
        const empty = (await chain.data(details))?.length ?? 0;

        const all = sorted(Array.from({ length: 5 }, () => demand(randomBytes(8), EXPERIMENTAL, NOTHING)));
        await append(staff, details, 0, all.slice(0, 2));
        await expectRefused(append(staff, details, 0, all.slice(0, 2)), 'DetailsChunkAlreadyUploaded');
        await expectRefused(append(staff, details, 3, all.slice(3)), 'DetailsChunkOutOfOrder');
        await expectRefused(append(staff, details, 2, all.slice(1, 2)), 'DetailsNotSorted');
        await expectRefused(append(staff, details, 2, [{ ...all[2]!, kind: 12 }]), 'DetailInvalid');
        const stranger = await freshSigner();
        await chain.fund([stranger.address], 1);
        await expectRefused(append(stranger, details, 2, all.slice(2)), 'NotDetailsOpener');
        await append(staff, details, 2, all.slice(2));
        const account = (await chain.data(details)) ?? new Uint8Array();
        expect(account.length).toBe(empty + 5 * 32);

        const schedule = await uploadSchedule(chain, pool, await scheduleEntries(pool, BENEFITS));
        const from = (await chain.today()) - 365;
        const publish = () => publishVersion(chain, pool, plan, schedule, from, {}, { details });
        await expectRefused(publish(), 'DetailsNotSealed');
        await expectRefused(seal(pool, plan, details, all.slice(1)), 'DetailsDigestMismatch');
        const [sealed] = await eventsOf(chain, await seal(pool, plan, details, all));
        expect(sealed).toMatchObject({ name: 'PlanDetailsSealed', data: { details, number: 1, count: 5 } });
        expect(await read(details)).toMatchObject({
            count: 5,
            sealed: 1,
            digest: await sha256(account.slice(empty)),
        });
        await expectRefused(append(staff, details, 5, all.slice(0, 1)), 'DetailsSealed');
        const version = await publish();
        await expectRefused(close(pool, plan, details), 'DetailsPublished');
        await expectRefused(close(pool, plan, details, version), 'DetailsPublished');
    });

    test('are given up for their rent before they are published', async () => {
        const pool = await createPool(chain, { cents: 0n });
        const { staff } = pool.insurer;
        const plan = await createPlan(chain, pool);
        const details = await detailsOf(plan, 1);
        await open(pool, plan, 1);
        await append(staff, details, 0, [demand(randomBytes(8), EXPERIMENTAL, NOTHING)]);
        const [rent, had] = [await chain.balance(details), await chain.balance(staff.address)];
        const [closed] = await eventsOf(chain, await close(pool, plan, details));
        expect(closed).toMatchObject({ name: 'PlanDetailsClosed', data: { details, plan, number: 1 } });
        expect(await chain.data(details)).toBeUndefined();
        expect((await chain.balance(staff.address)) - had).toBe(rent);
        // Another may be opened in its place.
        await open(pool, plan, 1);
        expect((await read(details)).count).toBe(0);
    });
});

describe('a plan that demands more', () => {
    /** What members must meet, what a visit is for, and what must be attached to a peel. */
    const [membership, diagnosis, report] = [randomBytes(8), randomBytes(8), randomBytes(8)];
    let insurance: Insurance;
    let details: Address;
    beforeAll(async () => {
        const pool = await createPool(chain);
        const address = await createPlan(chain, pool);
        details = await detailsOf(address, 1);
        const demands = sorted([
            demand(NOTHING, REQUIREMENT, membership),
            demand(await codeOf(pool, VISIT.code), DIAGNOSED_FOR, diagnosis),
            demand(await codeOf(pool, '87880'), EXPERIMENTAL, NOTHING),
            { ...demand(await codeOf(pool, PEEL.code), ATTACHMENT, report), more: NAMED_BY },
        ]);
        await open(pool, address, 1);
        await append(pool.insurer.staff, details, 0, demands);
        await seal(pool, address, details, demands);
        const benefits = [...BENEFITS, { code: PEEL.code, allowed: PEEL.charge }];
        const schedule = await uploadSchedule(chain, pool, await scheduleEntries(pool, benefits));
        const effectiveFrom = (await chain.today()) - 365;
        const version = await publishVersion(chain, pool, address, schedule, effectiveFrom, {}, { details });
        const plan = { address, version, schedule, effectiveFrom };
        const member = await enrolMember(chain, pool, plan);
        insurance = { pool, plan, member, provider: await contractProvider(chain, pool), others: [details] };
    });

    const factsOf = async ({ member }: Insurance) => (await claims.findMemberFactsPda({ member: member.address }))[0];
    const state = async (whose: Insurance, entries: claims.MemberFactLike[], by = insurerAccounts(whose.pool)) =>
        chain.send([
            await claims.getSetMemberFactsInstructionAsync({
                ...by,
                member: whose.member.address,
                facts: await factsOf(whose),
                entries,
            }),
        ]);
    const meets = async (): Promise<claims.MemberFactLike> => {
        const today = await chain.today();
        return { kind: MemberFactKind.Meets, key: membership, from: today - 30, to: today + 30 };
    };
    /** Somebody of whom it is stated that the requirement is met. */
    const somebody = async (): Promise<Insurance> => {
        const whose = await withNewMember(chain, insurance);
        await state(whose, [await meets()]);
        return { ...whose, others: [await factsOf(whose), details] };
    };
    const tell = async (whose: Insurance, { claim }: Opened, facts: claims.ClaimFactLike[]) =>
        chain.send([await claims.getAddClaimFactsInstructionAsync({ ...staffOf(whose), claim, facts })]);
    const diagnosed = (key: Uint8Array): claims.ClaimFactLike => ({
        line: ALL_LINES,
        kind: ClaimFactKind.Diagnosis,
        key,
        day: 0,
    });
    const reasonOf = ({ lines }: claims.Claim) => lines[0]?.denialReason;

    test('asks what the insurer states of the member, whose claims bring it', async () => {
        const whose = await withNewMember(chain, insurance);
        const facts = await factsOf(whose);
        const today = await chain.today();
        const file = (with_: Insurance, daysAgo: number) =>
            submitClaim(chain, with_, { lines: [DRAW], serviceDate: today - daysAgo });
        await expectRefused(file({ ...whose, others: [] }, 3), 'DetailsMissing');
        const unmet = await file(whose, 3);
        expect(unmet.data.status).toBe(ClaimStatus.Denied);
        expect(reasonOf(unmet.data)).toBe(UNMET);
        expectBalanced(unmet.data);

        const byClerk = await clerkAccounts(chain, whose.pool, Permission.DecideClaim);
        await expectRefused(state(whose, [await meets()], byClerk), 'PermissionMissing');
        await expectRefused(state(whose, [{ ...(await meets()), key: NOTHING }]), 'FactInvalid');
        const [event] = await eventsOf(chain, await state(whose, [await meets()]));
        expect(event).toMatchObject({ name: 'MemberFactsSet', data: { member: whose.member.address, count: 1 } });
        const { data } = await claims.fetchMemberFacts(chain.rpc, facts, confirmed);
        expect(data).toMatchObject({ member: whose.member.address, entries: [await meets()] });

        await expectRefused(file(whose, 4), 'MemberFactsMissing');
        const met = await file({ ...whose, others: [facts, details] }, 4);
        expect(met.data).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: DRAW.charge } });
        // Before the first day on which it holds.
        const before = await file({ ...whose, others: [facts, details] }, 31);
        expect(reasonOf(before.data)).toBe(UNMET);

        const rent = await chain.balance(facts);
        await state(whose, []);
        expect(await chain.balance(facts)).toBeLessThan(rent);
        expect((await claims.fetchMember(chain.rpc, whose.member.address, confirmed)).data.hasFacts).toBe(0);
        expect(reasonOf((await file(whose, 5)).data)).toBe(UNMET);
        await expectPoolBalanced(chain, whose.pool);
    });

    test('asks what the claim states, for which the member signs', async () => {
        const whose = await somebody();
        const paidOut = () => centsIn(chain, whose.pool.mint, whose.provider.payout);
        const today = await chain.today();
        const other = diagnosed(randomBytes(8));
        const wrong = await draft(chain, whose, [VISIT], today - 3);
        await expectRefused(tell(whose, wrong, []), 'FactsEmpty');
        await expectRefused(tell(whose, wrong, [{ ...other, line: 1 }]), 'FactInvalid');
        await tell(whose, wrong, [other]);
        await expectRefused(tell(whose, wrong, [other]), 'FactsOutOfOrder');
        const before = await paidOut();
        await adjudicateDraft(chain, whose, wrong, [VISIT], VISIT.charge, { facts: [other] });
        const denied = await readClaim(chain, wrong.claim);
        expect(denied.status).toBe(ClaimStatus.Denied);
        expect(reasonOf(denied)).toBe(OTHER_DIAGNOSIS);
        expectBalanced(denied);
        expect(await paidOut()).toBe(before);

        const right = await draft(chain, whose, [VISIT], today - 4);
        const facts = [diagnosed(diagnosis)];
        await tell(whose, right, facts);
        await expectRefused(adjudicateDraft(chain, whose, right, [VISIT], VISIT.charge), 'DraftDiffers');
        await adjudicateDraft(chain, whose, right, [VISIT], VISIT.charge, { facts });
        const paid = await readClaim(chain, right.claim);
        expect(paid).toMatchObject({ status: ClaimStatus.Paid, totals: { paid: VISIT.charge } });
        expectBalanced(paid);
        expect((await paidOut()) - before).toBe(VISIT.charge);
        await expectRefused(tell(whose, right, facts), 'ClaimNotDraft');

        const experiment = await submitClaim(chain, whose, {
            lines: [{ code: '87880', charge: 2_000n }],
            serviceDate: today - 5,
        });
        expect(reasonOf(experiment.data)).toBe(NO_EXPERIMENTS);
        await expectPoolBalanced(chain, whose.pool);
    });

    test('lets a claim wait for what must be attached, which the provider adds and the insurer looks at', async () => {
        const whose = await somebody();
        const paidOut = () => centsIn(chain, whose.pool.mint, whose.provider.payout);
        const attached = (key: Uint8Array): claims.ClaimFactLike => ({
            line: 0,
            kind: ClaimFactKind.Attachment,
            key,
            day: 0,
        });
        const today = await chain.today();
        const before = await paidOut();
        const waiting = await submitClaim(chain, whose, { lines: [PEEL, DRAW], serviceDate: today - 3 });
        expect(waiting.data).toMatchObject({
            status: ClaimStatus.Pended,
            pendReason: PendReason.AttachmentMissing,
            totals: { paid: 0n },
        });
        expect(await paidOut()).toBe(before);

        const { staff, staffRecord } = whose.pool.insurer;
        const add = async (facts: claims.ClaimFactLike[], by = staffOf(whose)) =>
            chain.send([await claims.getAddClaimFactsInstructionAsync({ ...by, claim: waiting.claim, facts })]);
        await expectRefused(add([diagnosed(diagnosis)]), 'FactNotAttachment');
        await expectRefused(
            add([attached(report)], { ...staffOf(whose), operator: staff, operatorRecord: staffRecord }),
            'OperatorOfOtherOrganization',
        );
        const [added] = await eventsOf(chain, await add([attached(report)]));
        expect(added).toMatchObject({
            name: 'AttachmentsAdded',
            data: { claim: waiting.claim, pool: whose.pool.address, facts: [attached(report)] },
        });
        await expectRefused(add([attached(report)]), 'FactsOutOfOrder');
        expect((await readClaim(chain, waiting.claim)).status).toBe(ClaimStatus.Pended);
        const { facts, otherPayers } = readStated((await chain.data(waiting.claim)) ?? new Uint8Array());
        expect(facts).toEqual([attached(report)]);
        expect(otherPayers).toEqual([]);

        const decide = (seen: number) => decideInstruction(whose, waiting.claim, decision('Approve'), seen);
        await expectRefused(chain.send([await decide(0)]), 'FactsChanged');
        await chain.send([await decide(facts.length)]);
        const paid = await readClaim(chain, waiting.claim);
        expect(paid).toMatchObject({
            status: ClaimStatus.Paid,
            pendReason: PendReason.None,
            totals: { paid: 31_000n },
        });
        expectBalanced(paid);
        expect((await paidOut()) - before).toBe(31_000n);
        await expectRefused(add([attached(randomBytes(8))]), 'ClaimNotDraft');

        // The insurer need not wait for it.
        const without = await submitClaim(chain, whose, { lines: [PEEL, DRAW], serviceDate: today - 4 });
        await chain.send([await decideInstruction(whose, without.claim, decision('Approve'))]);
        const cut = await readClaim(chain, without.claim);
        expect(reasonOf(cut)).toBe(NOT_ATTACHED);
        expect(cut.totals.paid).toBe(DRAW.charge);
        expectBalanced(cut);
        await expectPoolBalanced(chain, whose.pool);
    });
});
