// An insurer with a pool, a plan, a member and a provider: what most flows of claims begin with. Each flow makes its own.
import type { AccountMeta, Address, Instruction, KeyPairSigner } from '@solana/kit';
import { AccountRole, createAddressWithSeed, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { getCreateAccountWithSeedInstruction } from '@solana-program/system';

import {
    type Ticket,
    claims,
    claimsEventSource,
    codeIdentifier,
    fetchEvents,
    registry,
    sha256,
    ticketMessage,
} from '../../clients/ts/src';
import type { Chain, Receipt } from './chain';
import { freshSigner, randomBytes } from './keys';
import { type Organization, addStaff, adminArgs, createOrganization } from './organizations';
import { signedMessage } from './signed';
import { type TestMint, createMint, tokenAccount } from './tokens';

/** What the identifiers in a schedule stand for; as the command line has it. */
const PROCEDURE = 'procedure';
/** The default key: no reviewer, no blinding service, no key of a member's own, any provider. */
export const NOBODY = '11111111111111111111111111111111' as Address;
const INSTRUCTIONS_SYSVAR = 'Sysvar1nstructions1111111111111111111111111' as Address;
const ENTRIES_PER_CHUNK = 20;
/** Flags of a benefit. */
const COVERED = 1 << 0;
const AUTHORIZATION = 1 << 3;
const confirmed = { commitment: 'confirmed' } as const;

/** A benefit as a flow states it; what is left out is covered, at the plan's cost share, without limits. */
export type Benefit = {
    readonly code: string;
    readonly allowed: bigint;
    readonly covered?: boolean;
    readonly copay?: number;
    readonly coinsuranceBps?: number;
    readonly frequencyDays?: number;
    readonly waitingDays?: number;
    readonly maxUnits?: number;
    /** Paid only where the insurer has authorised it. */
    readonly authorization?: boolean;
};

/** A pool with its insurer, mint and funds. */
export type Pool = {
    readonly insurer: Organization;
    readonly mint: TestMint;
    readonly number: number;
    readonly address: Address;
    readonly vault: Address;
    /** Signs eligibility tickets. */
    readonly desk: KeyPairSigner;
    readonly codeKey: Uint8Array;
};

export type Plan = {
    readonly address: Address;
    readonly version: Address;
    readonly schedule: Address;
    readonly effectiveFrom: number;
};

/** What a plan version says beside its terms and its schedule. */
export type Rules = {
    readonly clocks?: Partial<claims.PlanClocks>;
    readonly checks?: Partial<claims.PlanChecksLike>;
    /** Its details, sealed. */
    readonly details?: Address;
};

export type Member = {
    readonly address: Address;
    readonly history: Address;
    readonly authority: KeyPairSigner;
    readonly commitment: Uint8Array;
};

export type Provider = { readonly organization: Organization; readonly agreement: Address; readonly payout: Address };

/** Everything a claim needs. */
export type Insurance = {
    readonly pool: Pool;
    readonly plan: Plan;
    readonly member: Member;
    readonly provider: Provider;
    /** What a claim is adjudicated with beside: the member's family first, then authorisations, facts and details. */
    readonly others?: readonly Address[];
};

/** Terms that share no cost: what is allowed is paid. */
export const PLAIN_TERMS: claims.PlanTermsLike = {
    currency: new TextEncoder().encode('USD'),
    costShareOrder: claims.CostShareOrder.DeductibleFirst,
    deductible: { individual: 0n, family: null },
    copay: 0n,
    coinsuranceBps: 0,
    recognisedBps: 10_000,
    outOfPocketMax: { individual: null, family: null },
    annualMax: null,
    lifetimeMax: null,
    filingLimitDays: 365,
    waitingDays: 0,
    coordination: claims.CoordinationRule.Standard,
    outOfNetwork: null,
    tiers: [],
    categories: [],
};

/** No interest; the periods of 29 CFR 2560.503-1. */
export const PLAIN_CLOCKS: claims.PlanClocks = {
    promptPayDays: 30,
    interestRate: 0,
    decisionDays: 30,
    appealLevels: 2,
    appealDays: 180,
    appealDecisionDays: 30,
    archiveDays: 0,
};

/** Nothing is checked beside the adjudication. */
export const PLAIN_CHECKS: claims.PlanChecksLike = {
    confirmation: claims.Confirmation.Off,
    confirmationDays: 0,
    samplingBps: 0,
    revealDays: 0,
    reviewer: NOBODY,
    reviewDays: 0,
    reviewDecisionDays: 0,
    entryDays: 0,
    blinder: NOBODY,
};

/** Three visits and what the plan allows for each, in cents. */
export const BENEFITS: readonly Benefit[] = [
    { code: '99213', allowed: 12_500n },
    { code: '87880', allowed: 2_000n },
    { code: '36415', allowed: 1_000n },
    { code: '15780', allowed: 90_000n, covered: false },
];

/** A new insurer's pool, funded with `cents`. */
export async function createPool(
    chain: Chain,
    { cents = 1_000_000n, mint, insurer }: { cents?: bigint; mint?: TestMint; insurer?: Organization } = {},
): Promise<Pool> {
    const owner = insurer ?? (await createOrganization(chain, registry.OrganizationKind.Insurer));
    const money = mint ?? (await createMint(chain));
    const desk = await freshSigner();
    const number = 1;
    const [address] = await claims.findPoolPda({ insurer: owner.address, mint: money.address, number });
    const [vault] = await claims.findVaultPda({ pool: address });
    await chain.send([await createPoolInstruction(owner, money, { number, ticketKey: desk.address })]);
    const pool = { insurer: owner, mint: money, number, address, vault, desk, codeKey: randomBytes(32) };
    if (cents > 0n) await fundPool(chain, pool, cents);
    return pool;
}

export async function createPoolInstruction(
    insurer: Organization,
    mint: TestMint,
    args: { number: number; ticketKey: Address },
) {
    return claims.getCreatePoolInstructionAsync({
        operator: insurer.staff,
        operatorRecord: insurer.staffRecord,
        insurer: insurer.address,
        mint: mint.address,
        tokenProgram: mint.program,
        ...args,
    });
}

/** Puts `cents` of newly minted money into the pool. */
export async function fundPool(chain: Chain, pool: Pool, cents: bigint): Promise<Receipt> {
    const funder = await freshSigner();
    const source = await tokenAccount(chain, pool.mint, funder.address, cents);
    return chain.send([await fundPoolInstruction(pool, funder, source, cents)]);
}

export async function fundPoolInstruction(pool: Pool, funder: KeyPairSigner, source: Address, amount: bigint) {
    return claims.getFundPoolInstructionAsync({
        funder,
        source,
        pool: pool.address,
        vault: pool.vault,
        mint: pool.mint.address,
        tokenProgram: pool.mint.program,
        amount,
    });
}

/** The accounts that every administrative instruction of an insurer's staff names. */
export function insurerAccounts(pool: Pool) {
    return {
        operator: pool.insurer.staff,
        operatorRecord: pool.insurer.staffRecord,
        insurer: pool.insurer.address,
        pool: pool.address,
    };
}

/** The same, with a new key of the insurer's that has no other permissions than these. */
export async function clerkAccounts(chain: Chain, pool: Pool, permissions: number) {
    const operator = await freshSigner();
    await chain.fund([operator.address], 1);
    const operatorRecord = await addStaff(chain, pool.insurer, operator.address, permissions);
    return { ...insurerAccounts(pool), operator, operatorRecord };
}

/** The admin arguments that the pool expects now. */
export async function poolAdmin(chain: Chain, pool: Pool) {
    return adminArgs(chain, (await readPool(chain, pool)).sequence);
}

/** Schedule entries of `benefits`, in the order that the program wants. */
export async function scheduleEntries(pool: Pool, benefits: readonly Benefit[]): Promise<claims.BenefitEntryLike[]> {
    const entries = await Promise.all(
        benefits.map(async (benefit) => ({
            codeKey: await codeOf(pool, benefit.code),
            allowed: benefit.allowed,
            copay: benefit.copay ?? 0xffff_ffff,
            coinsuranceBps: benefit.coinsuranceBps ?? 0xffff,
            frequencyDays: benefit.frequencyDays ?? 0,
            waitingDays: benefit.waitingDays ?? 0xffff,
            maxUnits: benefit.maxUnits ?? 0,
            category: 0,
            flags: (benefit.covered === false ? 0 : COVERED) | (benefit.authorization === true ? AUTHORIZATION : 0),
            reserved: new Uint8Array(2),
        })),
    );
    return entries.sort((a, b) => Buffer.compare(a.codeKey, b.codeKey));
}

/** The keyed identifier of `code` in the pool's schedules. */
export function codeOf(pool: Pool, code: string): Promise<Uint8Array> {
    return codeIdentifier(pool.codeKey, PROCEDURE, code);
}

/** Opens an account for `capacity` entries, owned by the program, and begins a schedule in it. */
export async function openSchedule(chain: Chain, pool: Pool, capacity: number, number = 1): Promise<Address> {
    const base = pool.insurer.staff;
    const seed = `schedule ${crypto.randomUUID().slice(0, 20)}`;
    const schedule = await createAddressWithSeed({
        baseAddress: base.address,
        programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        seed,
    });
    const space = BigInt(claims.getBenefitScheduleSize() + 32 * capacity);
    const amount = await chain.rpc.getMinimumBalanceForRentExemption(space).send();
    await chain.send([
        getCreateAccountWithSeedInstruction({
            payer: chain.payer,
            newAccount: schedule,
            base: base.address,
            baseAccount: base,
            seed,
            amount,
            space,
            programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        }),
        await claims.getOpenScheduleInstructionAsync({ ...insurerAccounts(pool), schedule, number }),
    ]);
    return schedule;
}

export function appendBenefits(
    chain: Chain,
    pool: Pool,
    schedule: Address,
    startIndex: number,
    entries: claims.BenefitEntryLike[],
) {
    return chain.send([
        claims.getAppendBenefitsInstruction({ opener: pool.insurer.staff, schedule, startIndex, entries }),
    ]);
}

export async function sealSchedule(
    chain: Chain,
    pool: Pool,
    schedule: Address,
    entries: claims.BenefitEntryLike[],
): Promise<Receipt> {
    const encoder = claims.getBenefitEntryEncoder();
    const digest = await sha256(entries.flatMap((entry) => [...encoder.encode(entry)]));
    return chain.send([
        await claims.getSealScheduleInstructionAsync({
            ...insurerAccounts(pool),
            schedule,
            count: entries.length,
            digest,
        }),
    ]);
}

/** Uploads `entries` in chunks and seals them. */
export async function uploadSchedule(chain: Chain, pool: Pool, entries: claims.BenefitEntryLike[]): Promise<Address> {
    const schedule = await openSchedule(chain, pool, entries.length);
    for (let start = 0; start < entries.length; start += ENTRIES_PER_CHUNK) {
        await appendBenefits(chain, pool, schedule, start, entries.slice(start, start + ENTRIES_PER_CHUNK));
    }
    await sealSchedule(chain, pool, schedule, entries);
    return schedule;
}

/** A plan without a version. */
export async function createPlan(chain: Chain, pool: Pool, number: number = 1): Promise<Address> {
    const [address] = await claims.findPlanPda({ pool: pool.address, number });
    await chain.send([await claims.getCreatePlanInstructionAsync({ ...insurerAccounts(pool), number })]);
    return address;
}

/** A plan with its first version, in force from `effectiveFrom` (by default since a year ago). */
export async function publishPlan(
    chain: Chain,
    pool: Pool,
    terms: Partial<claims.PlanTermsLike> = {},
    benefits: readonly Benefit[] = BENEFITS,
    from?: number,
    rules: Rules = {},
): Promise<Plan> {
    const effectiveFrom = from ?? (await chain.today()) - 365;
    const schedule = await uploadSchedule(chain, pool, await scheduleEntries(pool, benefits));
    const address = await createPlan(chain, pool);
    const version = await publishVersion(chain, pool, address, schedule, effectiveFrom, terms, rules);
    return { address, version, schedule, effectiveFrom };
}

/** Publishes the next version of `plan`; answers with its address. */
export async function publishVersion(
    chain: Chain,
    pool: Pool,
    plan: Address,
    schedule: Address,
    effectiveFrom: number,
    terms: Partial<claims.PlanTermsLike> = {},
    { clocks, checks, details }: Rules = {},
): Promise<Address> {
    const { data } = await claims.fetchPlan(chain.rpc, plan, confirmed);
    const last = data.versions.at(-1)?.version;
    const previousVersion =
        last === undefined ? undefined : (await claims.findPlanVersionPda({ plan, number: last }))[0];
    const [planVersion] = await claims.findPlanVersionPda({ plan, number: (last ?? 0) + 1 });
    await chain.send([
        await claims.getPublishPlanVersionInstructionAsync({
            ...insurerAccounts(pool),
            plan,
            ...(previousVersion === undefined ? {} : { previousVersion }),
            planVersion,
            schedule,
            ...(details === undefined ? {} : { details }),
            admin: await adminArgs(chain, data.sequence),
            effectiveFrom,
            document: randomBytes(32),
            clocks: { ...PLAIN_CLOCKS, ...clocks },
            checks: { ...PLAIN_CHECKS, ...checks },
            terms: { ...PLAIN_TERMS, ...terms },
        }),
    ]);
    return planVersion;
}

/** Enrols somebody in the plan, by default from a year ago to a year from now. */
export async function enrolMember(
    chain: Chain,
    pool: Pool,
    plan: Plan,
    { coveredFrom, coveredTo }: { coveredFrom?: number; coveredTo?: number } = {},
): Promise<Member> {
    const today = await chain.today();
    const authority = await freshSigner();
    const commitment = randomBytes(32);
    const [address] = await claims.findMemberPda({ pool: pool.address, commitment });
    const [history] = await claims.findHistoryPda({ member: address });
    await chain.send([
        await claims.getEnrolMemberInstructionAsync({
            ...insurerAccounts(pool),
            plan: plan.address,
            commitment,
            authority: authority.address,
            coveredFrom: coveredFrom ?? today - 365,
            coveredTo: coveredTo ?? today + 365,
            opening: null,
        }),
    ]);
    return { address, history, authority, commitment };
}

/**
 * A provider, by default a new one, under an agreement with the pool, with limits no claim of the flows reaches unless it
 * means to.
 */
export async function contractProvider(
    chain: Chain,
    pool: Pool,
    terms: Partial<claims.AgreementTermsLike> = {},
    party?: Organization,
): Promise<Provider> {
    const organization = party ?? (await createOrganization(chain, registry.OrganizationKind.Provider));
    const payout = await tokenAccount(chain, pool.mint, organization.authority.address);
    const [agreement] = await claims.findAgreementPda({ pool: pool.address, provider: organization.address });
    await chain.send([
        await claims.getOfferAgreementInstructionAsync({
            ...insurerAccounts(pool),
            provider: organization.address,
            terms: {
                inNetwork: true,
                limitPerClaim: 1_000_000_00n,
                limitPerDay: 10_000_000_00n,
                netted: false,
                ...terms,
            },
        }),
        await claims.getAcceptAgreementInstructionAsync({
            authority: organization.authority,
            provider: organization.address,
            pool: pool.address,
            agreement,
            payout,
            // The first offer.
            admin: await adminArgs(chain, 0n),
        }),
    ]);
    return { organization, agreement, payout };
}

/** A pool, a plan, a member and a provider at once. */
export async function createInsurance(
    chain: Chain,
    {
        cents,
        terms,
        benefits,
        agreement,
        rules,
    }: {
        cents?: bigint;
        terms?: Partial<claims.PlanTermsLike>;
        benefits?: readonly Benefit[];
        agreement?: Partial<claims.AgreementTermsLike>;
        rules?: Rules;
    } = {},
): Promise<Insurance> {
    const pool = await createPool(chain, cents === undefined ? {} : { cents });
    const plan = await publishPlan(chain, pool, terms, benefits, undefined, rules);
    const member = await enrolMember(chain, pool, plan);
    const provider = await contractProvider(chain, pool, agreement);
    return { pool, plan, member, provider };
}

/** One line of a claim as a flow states it. */
export type Line = {
    readonly code: string;
    readonly charge: bigint;
    readonly units?: number;
    readonly day?: number;
    readonly modifiers?: Uint8Array;
};

/** A claim as a flow states it. */
export type ClaimInput = {
    readonly lines: readonly Line[];
    /** Days since 1970-01-01; by default three days ago. */
    readonly serviceDate?: number;
    readonly claimId?: Uint8Array;
    /** In place of the member's signature. */
    readonly ticket?: Ticket;
};

export async function lineArgs(pool: Pool, lines: readonly Line[]): Promise<claims.ClaimLineArgsLike[]> {
    return Promise.all(
        lines.map(async ({ code, charge, units = 1, day = 0, modifiers }) => ({
            codeKey: await codeOf(pool, code),
            modifiers: modifiers ?? new Uint8Array(4),
            units,
            charge,
            day,
        })),
    );
}

/** The accounts of a claim that the provider's staff submits. */
export async function claimAccounts({ pool, plan, member, provider }: Insurance) {
    const [config] = await registry.findConfigPda();
    return {
        operator: provider.organization.staff,
        operatorRecord: provider.organization.staffRecord,
        provider: provider.organization.address,
        config,
        agreement: provider.agreement,
        pool: pool.address,
        planVersion: plan.version,
        schedule: plan.schedule,
        member: member.address,
        history: member.history,
        vault: pool.vault,
        payout: provider.payout,
        mint: pool.mint.address,
        tokenProgram: pool.mint.program,
    };
}

/** What stands for the member's consent in a claim: the signature, or the instructions sysvar for a ticket. */
export function consentAccounts(member: Member, ticket: Ticket | undefined) {
    return ticket === undefined ? { memberAuthority: member.authority } : { instructionsSysvar: INSTRUCTIONS_SYSVAR };
}

/** The accounts with which the provider's staff acts on a claim, before it is adjudicated. */
export function staffOf({ provider: { organization } }: Insurance) {
    return {
        operator: organization.staff,
        operatorRecord: organization.staffRecord,
        provider: organization.address,
    };
}

/** The accounts of a claim that is adjudicated or paid later than it was submitted, whoever signs. */
export async function laterAccounts(insurance: Insurance) {
    const { operator: _, operatorRecord: __, provider: ___, ...accounts } = await claimAccounts(insurance);
    return accounts;
}

/** The same, with the insurer's staff. */
export async function claimAccountsOfInsurer(insurance: Insurance) {
    return { ...(await laterAccounts(insurance)), ...insurerAccounts(insurance.pool) };
}

/** The insurer's decision on a claim that waits. */
export async function decideInstruction(
    insurance: Insurance,
    claim: Address,
    decision: claims.DecisionLike,
    facts = 0,
) {
    const accounts = await claimAccountsOfInsurer(insurance);
    const decide = await claims.getDecideClaimInstructionAsync({ ...accounts, claim, decision, facts });
    return withOthers(decide, insurance.others);
}

/** The insurer takes the claim back. */
export async function reverseInstruction(insurance: Insurance, claim: Address, reason = 7) {
    const { agreement, planVersion, member, history, vault, ...accounts } = await claimAccountsOfInsurer(insurance);
    const { operator, operatorRecord, insurer, pool } = accounts;
    const reverse = await claims.getReverseClaimInstructionAsync({
        ...{ operator, operatorRecord, insurer, pool, agreement, planVersion, member, history, vault },
        claim,
        reason,
    });
    return withOthers(reverse, insurance.others);
}

/** The payment of an award that waits; nobody's signature is needed but the fee payer's. */
export async function settleInstruction(insurance: Insurance, claim: Address) {
    const { config, agreement, pool, vault, payout, mint, tokenProgram } = await claimAccounts(insurance);
    return claims.getSettleClaimInstructionAsync({ config, agreement, pool, claim, vault, payout, mint, tokenProgram });
}

/** `insurance` with somebody new in place of its member. */
export async function withNewMember(chain: Chain, insurance: Insurance): Promise<Insurance> {
    return { ...insurance, member: await enrolMember(chain, insurance.pool, insurance.plan) };
}

/** The address and the instructions of a claim submitted in one go. */
export async function submitInstructions(
    chain: Chain,
    insurance: Insurance,
    input: ClaimInput,
): Promise<{ claim: Address; instructions: Instruction[] }> {
    const { pool, member, provider } = insurance;
    const claimId = input.claimId ?? randomBytes(16);
    const [claim] = await claims.findClaimPda({ pool: pool.address, provider: provider.organization.address, claimId });
    const submit = await claims.getSubmitClaimInstructionAsync({
        ...(await claimAccounts(insurance)),
        ...consentAccounts(member, input.ticket),
        claim,
        claimId,
        document: randomBytes(32),
        serviceDate: input.serviceDate ?? (await chain.today()) - 3,
        ticket: input.ticket ?? null,
        lines: await lineArgs(pool, input.lines),
    });
    const before = input.ticket === undefined ? [] : [await ticketInstruction(insurance, input.ticket)];
    return { claim, instructions: [...before, withOthers(submit, insurance.others)] };
}

/** Submits a claim and reads what became of it. */
export async function submitClaim(chain: Chain, insurance: Insurance, input: ClaimInput) {
    const { claim, instructions } = await submitInstructions(chain, insurance, input);
    const receipt = await chain.send(instructions);
    return { ...receipt, claim, data: await readClaim(chain, claim) };
}

export async function readClaim(chain: Chain, claim: Address): Promise<claims.Claim> {
    return (await claims.fetchClaim(chain.rpc, claim, confirmed)).data;
}

/** Moves the clock on where a new year is so near that claims of these days would fall into two. */
export async function withinOneYear(chain: Chain, days = 10): Promise<void> {
    const yearOf = (day: number) => new Date(day * 86_400_000).getUTCFullYear();
    const today = await chain.today();
    if (chain.canTravel && yearOf(today - days) !== yearOf(today + days)) await chain.travel(2 * days * 86_400);
}

/** Moves the clock on where midnight is so near that what follows would fall into two days. */
export async function withinOneDay(chain: Chain): Promise<void> {
    const left = 86_400 - Number((await chain.now()) % 86_400n);
    if (chain.canTravel && left < 600) await chain.travel(left + 1);
}

/** The events of the claims program in a transaction, in their order. */
export async function eventsOf(chain: Chain, { signature }: Pick<Receipt, 'signature'>) {
    return fetchEvents(chain.rpc, signature, await claimsEventSource());
}

/** Where the appeal of `claim` at `level` is. */
export async function appealOf(claim: Address, level: number): Promise<Address> {
    const [appeal] = await getProgramDerivedAddress({
        programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        seeds: ['appeal', getAddressEncoder().encode(claim), new Uint8Array([level])],
    });
    return appeal;
}

export async function readPool(chain: Chain, pool: Pool): Promise<claims.Pool> {
    return (await claims.fetchPool(chain.rpc, pool.address, confirmed)).data;
}

/** The verification of `ticket`, signed by `signer` (by default the pool's desk), to stand just before the claim. */
export async function ticketInstruction(
    insurance: Insurance,
    ticket: Ticket,
    signer?: KeyPairSigner,
): Promise<Instruction> {
    const { pool, member, provider } = insurance;
    const desk = signer ?? pool.desk;
    return signedMessage(
        desk,
        await ticketMessage(ticket, pool.address, member.address, provider.organization.address),
    );
}

/** `instruction` with `others` after its own accounts. */
export function withOthers(instruction: Instruction, others: readonly Address[] = []): Instruction {
    const metas = others.map((address) => ({ address, role: AccountRole.WRITABLE }));
    return { ...instruction, accounts: [...(instruction.accounts ?? []), ...metas] };
}

/** `instruction` with the account `from` replaced by `to`: for the flows that try a wrong one. */
export function withAccount<T extends Instruction>(instruction: T, from: Address, to: Address): T {
    const accounts = (instruction.accounts ?? []).map((meta) =>
        meta.address === from ? ({ ...meta, address: to } as AccountMeta) : meta,
    );
    return { ...instruction, accounts };
}
