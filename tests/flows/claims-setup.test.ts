// What an insurer sets up before the first claim: pool, schedule, plan, members, agreements.
import type { Address } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import { getInitializeMint2Instruction } from '@solana-program/token';
import {
    TOKEN_2022_PROGRAM_ADDRESS,
    extension,
    getInitializeTransferFeeConfigInstruction,
    getMintSize,
} from '@solana-program/token-2022';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, claims, claimsEventSource, fetchEvents, registry, sha256 } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Pool,
    appendBenefits,
    contractProvider,
    createInsurance,
    createPool,
    createPoolInstruction,
    enrolMember,
    fundPool,
    fundPoolInstruction,
    insurerAccounts,
    openSchedule,
    publishPlan,
    publishVersion,
    readPool,
    scheduleEntries,
    sealSchedule,
    submitClaim,
    submitInstructions,
    uploadSchedule,
} from '../harness/insurance';
import { freshSigner, randomBytes } from '../harness/keys';
import { type Organization, addStaff, adminArgs, createOrganization } from '../harness/organizations';
import { expectRefused } from '../harness/refused';
import { type TestMint, centsIn, createMint, tokenAccount, units } from '../harness/tokens';

const { AgreementStatus, ClaimStatus } = claims;
const VISIT = { code: '99213', charge: 12_500n };
const confirmed = { commitment: 'confirmed' } as const;

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

describe('a pool', () => {
    let insurer: Organization;
    beforeAll(async () => {
        insurer = await createOrganization(chain, registry.OrganizationKind.Insurer);
    });
    const create = async (mint: TestMint, by: Organization = insurer, staff = by.staff, staffRecord = by.staffRecord) =>
        chain.send([
            await createPoolInstruction({ ...by, staff, staffRecord }, mint, {
                number: 1,
                ticketKey: (await freshSigner()).address,
            }),
        ]);

    test.each([
        ['SPL Token with 6 decimals', 6, undefined],
        ['SPL Token with 2 decimals', 2, undefined],
        ['Token-2022 without extensions', 9, TOKEN_2022_PROGRAM_ADDRESS as Address],
    ])('pays in %s, to the cent', async (_, decimals, program) => {
        const mint = await createMint(chain, { decimals, ...(program === undefined ? {} : { program }) });
        const pool = await createPool(chain, { mint, cents: 123_456n, insurer });
        const data = await readPool(chain, pool);
        expect(data).toMatchObject({
            insurer: insurer.address,
            mint: mint.address,
            vault: pool.vault,
            funded: 123_456n,
            paid: 0n,
            unfunded: 0n,
        });
        expect(data.unitPerCent).toBe(units(mint, 1n));
        expect(await centsIn(chain, mint, pool.vault)).toBe(123_456n);
        const receipt = await fundPool(chain, pool, 1n);
        const [event] = await fetchEvents(chain.rpc, receipt.signature, await claimsEventSource());
        expect(event).toMatchObject({ name: 'PoolFunded', data: { pool: pool.address, amount: 1n, funded: 123_457n } });
    });

    test('is refused a mint that cannot count cents', async () => {
        await expectRefused(create(await createMint(chain, { decimals: 1 })), 'MintDecimalsInvalid');
    });

    test('is refused a mint that can tax transfers', async () => {
        const [mint, authority] = [await freshSigner(), await freshSigner()];
        const fee = { epoch: 0n, maximumFee: 1_000n, transferFeeBasisPoints: 100 };
        const fees = extension('TransferFeeConfig', {
            transferFeeConfigAuthority: authority.address,
            withdrawWithheldAuthority: authority.address,
            withheldAmount: 0n,
            newerTransferFee: fee,
            olderTransferFee: fee,
        });
        const space = BigInt(getMintSize([fees]));
        const program = TOKEN_2022_PROGRAM_ADDRESS as Address;
        await chain.send([
            getCreateAccountInstruction({
                payer: chain.payer,
                newAccount: mint,
                lamports: await chain.rpc.getMinimumBalanceForRentExemption(space).send(),
                space,
                programAddress: program,
            }),
            getInitializeTransferFeeConfigInstruction({
                mint: mint.address,
                transferFeeConfigAuthority: authority.address,
                withdrawWithheldAuthority: authority.address,
                transferFeeBasisPoints: fee.transferFeeBasisPoints,
                maximumFee: fee.maximumFee,
            }),
            getInitializeMint2Instruction(
                { mint: mint.address, decimals: 6, mintAuthority: authority.address },
                { programAddress: program },
            ),
        ]);
        await expectRefused(create({ address: mint.address, authority, decimals: 6, program }), 'MintCanTax');
    });

    test('is not created by strangers, by staff without the permission, or for an organisation that insures nobody', async () => {
        const mint = await createMint(chain);
        const clerk = await freshSigner();
        await chain.fund([clerk.address], 1);
        const record = await addStaff(chain, insurer, clerk.address, Permission.Fund);
        await expectRefused(create(mint, insurer, clerk, record), 'PermissionMissing');
        await expectRefused(create(mint, insurer, clerk), 'OperatorKeyMismatch');
        const provider = await createOrganization(chain, registry.OrganizationKind.Provider);
        await expectRefused(create(mint, provider), 'NotAnInsurer');
        await expectRefused(create(mint, insurer, provider.staff, provider.staffRecord), 'OperatorOfOtherOrganization');
    });

    test('is funded in its own money only, and with something', async () => {
        const pool = await createPool(chain, { cents: 0n });
        const [funder, otherMint] = [await freshSigner(), await createMint(chain)];
        const source = await tokenAccount(chain, pool.mint, funder.address, 100n);
        const foreign = await tokenAccount(chain, otherMint, funder.address, 100n);
        await expectRefused(chain.send([await fundPoolInstruction(pool, funder, source, 0n)]), 'FundingInvalid');
        await expectRefused(
            chain.send([await fundPoolInstruction({ ...pool, mint: otherMint }, funder, foreign, 100n)]),
            'WrongMint',
        );
        const elsewhere = await createPool(chain, { cents: 0n, mint: pool.mint });
        await expectRefused(
            chain.send([await fundPoolInstruction({ ...pool, vault: elsewhere.vault }, funder, source, 100n)]),
            'WrongVault',
        );
        expect(await readPool(chain, pool)).toMatchObject({ funded: 0n });
    });
});

describe('a benefit schedule', () => {
    let pool: Pool;
    let entries: claims.BenefitEntryLike[];
    beforeAll(async () => {
        pool = await createPool(chain, { cents: 0n });
        const benefits = Array.from({ length: 60 }, (_, index) => ({
            code: String(10_000 + index),
            allowed: BigInt(index + 1) * 100n,
        }));
        entries = await scheduleEntries(pool, benefits);
    });
    const header = async (schedule: Address) =>
        (await claims.fetchBenefitSchedule(chain.rpc, schedule, confirmed)).data;

    test('is uploaded in chunks, sealed by its digest, and is then what was uploaded', async () => {
        const schedule = await uploadSchedule(chain, pool, entries);
        const bytes = (await chain.data(schedule))?.subarray(claims.getBenefitScheduleSize()) ?? new Uint8Array();
        expect(await header(schedule)).toMatchObject({ pool: pool.address, count: 60, capacity: 60, sealed: 1 });
        expect((await header(schedule)).digest).toEqual(await sha256(bytes));
        const decoder = claims.getBenefitEntryDecoder();
        expect(entries.map((_, index) => decoder.decode(bytes, index * 32))).toEqual(entries);
    });

    test('takes each chunk once, in order, sorted, while it has room and is open', async () => {
        const schedule = await openSchedule(chain, pool, 20);
        await appendBenefits(chain, pool, schedule, 0, entries.slice(0, 10));
        await expectRefused(
            appendBenefits(chain, pool, schedule, 0, entries.slice(0, 10)),
            'ScheduleChunkAlreadyUploaded',
        );
        await expectRefused(
            appendBenefits(chain, pool, schedule, 11, entries.slice(11, 12)),
            'ScheduleChunkOutOfOrder',
        );
        await expectRefused(appendBenefits(chain, pool, schedule, 10, entries.slice(9, 11)), 'ScheduleNotSorted');
        await expectRefused(
            appendBenefits(chain, pool, schedule, 10, entries.slice(10, 12).reverse()),
            'ScheduleNotSorted',
        );
        await expectRefused(appendBenefits(chain, pool, schedule, 10, entries.slice(10, 21)), 'ScheduleFull');
        await expectRefused(sealSchedule(chain, pool, schedule, entries.slice(0, 11)), 'ScheduleDigestMismatch');
        expect(await header(schedule)).toMatchObject({ count: 10, sealed: 0 });
        await sealSchedule(chain, pool, schedule, entries.slice(0, 10));
        await expectRefused(appendBenefits(chain, pool, schedule, 10, entries.slice(10, 11)), 'ScheduleSealed');
    });

    test('is appended to by nobody but who opened it', async () => {
        const schedule = await openSchedule(chain, pool, 20);
        const stranger = await freshSigner();
        const append = claims.getAppendBenefitsInstruction({
            opener: stranger,
            schedule,
            startIndex: 0,
            entries: entries.slice(0, 1),
        });
        await expectRefused(chain.send([append]), 'NotScheduleOpener');
        expect((await header(schedule)).count).toBe(0);
    });

    test('gives its rent back while it is open, and no longer once it is sealed', async () => {
        const opener = pool.insurer.staff.address;
        const schedule = await openSchedule(chain, pool, 20);
        const rent = await chain.balance(schedule);
        const before = await chain.balance(opener);
        const close = async (account: Address) =>
            chain.send([
                await claims.getCloseScheduleInstructionAsync({ ...insurerAccounts(pool), schedule: account, opener }),
            ]);
        await close(schedule);
        expect(await chain.data(schedule)).toBeUndefined();
        expect((await chain.balance(opener)) - before).toBe(rent);
        await expectRefused(close(await uploadSchedule(chain, pool, entries.slice(0, 5))), 'ScheduleSealed');
    });
});

describe('a plan', () => {
    test('pays by the version in force on the service date [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const insurance = await createInsurance(chain);
        const { pool, plan, member, provider } = insurance;
        const turn = (await chain.today()) + 2;
        const dearer = await uploadSchedule(
            chain,
            pool,
            await scheduleEntries(pool, [{ code: '99213', allowed: 20_000n }]),
        );
        const version = await publishVersion(chain, pool, plan.address, dearer, turn);
        const { data: first } = await claims.fetchPlanVersion(chain.rpc, plan.version, confirmed);
        expect(first.supersededFrom).toBe(turn);
        await chain.travel(3 * 86_400);

        const later = { ...insurance, plan: { ...plan, version, schedule: dearer } };
        const old = await submitClaim(chain, insurance, {
            lines: [{ code: '99213', charge: 30_000n }],
            serviceDate: turn - 1,
        });
        const fresh = await submitClaim(chain, later, {
            lines: [{ code: '99213', charge: 30_000n }],
            serviceDate: turn,
        });
        expect([old.data.totals.paid, fresh.data.totals.paid]).toEqual([12_500n, 20_000n]);

        for (const [wrong, serviceDate] of [
            [insurance, turn + 1],
            [later, turn - 2],
        ] as const) {
            const { instructions } = await submitInstructions(chain, wrong, { lines: [VISIT], serviceDate });
            await expectRefused(chain.send(instructions), 'PlanVersionNotInForce');
        }
        const mixed = await submitInstructions(
            chain,
            { pool, member, provider, plan: { ...plan, schedule: dearer } },
            { lines: [VISIT], serviceDate: turn - 1 },
        );
        await expectRefused(chain.send(mixed.instructions), 'ScheduleMismatch');
    });

    test('gets no version that begins earlier or in the past, pays by an open schedule, or contradicts itself', async () => {
        const pool = await createPool(chain, { cents: 0n });
        const plan = await publishPlan(chain, pool);
        const publish = (schedule: Address, from: number, terms = {}) =>
            publishVersion(chain, pool, plan.address, schedule, from, terms);
        await expectRefused(publish(plan.schedule, plan.effectiveFrom), 'EffectiveDateNotLater');
        await expectRefused(publish(plan.schedule, await chain.today()), 'EffectiveDatePast');
        await expectRefused(publish(await openSchedule(chain, pool, 5), plan.effectiveFrom + 1), 'ScheduleNotSealed');
        await expectRefused(publish(plan.schedule, plan.effectiveFrom + 1, { coinsuranceBps: 10_001 }), 'TermsInvalid');
        const elsewhere = await publishPlan(chain, await createPool(chain, { cents: 0n }));
        await expectRefused(publish(elsewhere.schedule, plan.effectiveFrom + 1), 'ScheduleOfOtherPool');
        expect((await claims.fetchPlan(chain.rpc, plan.address, confirmed)).data.versions).toHaveLength(1);
    });
});

describe('a member', () => {
    test('is enrolled under a commitment, once, and leaves no other trace', async () => {
        const pool = await createPool(chain, { cents: 0n });
        const plan = await publishPlan(chain, pool);
        const member = await enrolMember(chain, pool, plan);
        const { data } = await claims.fetchMember(chain.rpc, member.address, confirmed);
        expect(data).toMatchObject({
            pool: pool.address,
            plan: plan.address,
            authority: member.authority.address,
            ticketFloor: 0n,
        });
        expect(data.commitment).toEqual(member.commitment);
        expect((await claims.fetchHistory(chain.rpc, member.history, confirmed)).data).toMatchObject({
            member: member.address,
            count: 0,
        });

        const enrol = async (commitment: Uint8Array, from: number, to: number) =>
            chain.send([
                await claims.getEnrolMemberInstructionAsync({
                    ...insurerAccounts(pool),
                    plan: plan.address,
                    commitment,
                    authority: member.authority.address,
                    coveredFrom: from,
                    coveredTo: to,
                    opening: null,
                }),
            ]);
        await expectRefused(enrol(member.commitment, 0, 1), 'custom program error 0');
        await expectRefused(enrol(randomBytes(32), 1, 0), 'CoverageInvalid');
        await expectRefused(enrol(new Uint8Array(32), 0, 1), 'CommitmentEmpty');
    });

    test('loses coverage when the insurer ends it', async () => {
        const insurance = await createInsurance(chain);
        const today = await chain.today();
        await chain.send([
            await claims.getEndCoverageInstructionAsync({
                ...insurerAccounts(insurance.pool),
                member: insurance.member.address,
                admin: await adminArgs(chain, 0n),
                coveredTo: today - 5,
            }),
        ]);
        const { data } = await submitClaim(chain, insurance, { lines: [VISIT], serviceDate: today - 4 });
        expect(data.status).toBe(ClaimStatus.Denied);
        expect(data.lines[0]?.denialReason).toBe(27);
    });
});

describe('an agreement', () => {
    test('begins when the provider accepts, and then pays to the account that the provider named', async () => {
        const pool = await createPool(chain);
        const plan = await publishPlan(chain, pool);
        const member = await enrolMember(chain, pool, plan);
        const organization = await createOrganization(chain, registry.OrganizationKind.Provider);
        const [agreement] = await claims.findAgreementPda({ pool: pool.address, provider: organization.address });
        const terms = { inNetwork: true, limitPerClaim: 50_000n, limitPerDay: 50_000n, netted: false };
        await chain.send([
            await claims.getOfferAgreementInstructionAsync({
                ...insurerAccounts(pool),
                provider: organization.address,
                terms,
            }),
        ]);
        const payout = await tokenAccount(chain, pool.mint, organization.authority.address);
        const insurance = { pool, plan, member, provider: { organization, agreement, payout } };
        expect((await claims.fetchAgreement(chain.rpc, agreement, confirmed)).data).toMatchObject({
            status: AgreementStatus.Offered,
            terms,
        });
        const early = await submitInstructions(chain, insurance, { lines: [VISIT] });
        await expectRefused(chain.send(early.instructions), 'AgreementNotActive');

        const accept = async (account: Address, authority = organization.authority, sequence = 0n) =>
            chain.send([
                await claims.getAcceptAgreementInstructionAsync({
                    admin: await adminArgs(chain, sequence),
                    authority,
                    provider: organization.address,
                    pool: pool.address,
                    agreement,
                    payout: account,
                }),
            ]);
        await expectRefused(accept(payout, pool.insurer.authority), 'NotProviderAuthority');
        await expectRefused(accept(pool.vault), 'PayoutIsVault');
        const foreign = await tokenAccount(chain, await createMint(chain), organization.authority.address);
        await expectRefused(accept(foreign), 'PayoutInvalid');
        await expectRefused(accept(payout, organization.authority, 1n), 'AdminSequenceStale');
        await accept(payout);
        const { data } = await submitClaim(chain, insurance, { lines: [VISIT] });
        expect(data.status).toBe(ClaimStatus.Paid);
        expect(await centsIn(chain, pool.mint, payout)).toBe(12_500n);
    });

    test('is suspended and ended by the insurer, whose signature is good for one moment', async () => {
        const insurance = await createInsurance(chain);
        const { pool, provider } = insurance;
        const sequence = async () =>
            (await claims.fetchAgreement(chain.rpc, provider.agreement, confirmed)).data.sequence;
        const set = async (status: claims.AgreementStatus, admin: registry.AdminArgs) =>
            chain.send([
                await claims.getSetAgreementStatusInstructionAsync({
                    ...insurerAccounts(pool),
                    agreement: provider.agreement,
                    status,
                    admin,
                }),
            ]);
        const old = await adminArgs(chain, await sequence());
        await set(AgreementStatus.Suspended, old);
        // Care of until today is claimed all the same, and waits for the insurer; none of later is.
        const serviceDate = (await chain.today()) + 1;
        const later = await submitInstructions(chain, insurance, { lines: [VISIT], serviceDate });
        await expectRefused(chain.send(later.instructions), 'ServiceOutsideAgreement');
        const given = await submitClaim(chain, insurance, { lines: [VISIT] });
        expect(given.data).toMatchObject({
            status: ClaimStatus.Pended,
            pendReason: claims.PendReason.AgreementOver,
        });
        await expectRefused(set(AgreementStatus.Active, old), 'AdminSequenceStale');
        await set(AgreementStatus.Active, await adminArgs(chain, await sequence()));
        const { data } = await submitClaim(chain, insurance, { lines: [VISIT], serviceDate: serviceDate - 6 });
        expect(data.status).toBe(ClaimStatus.Paid);
        await set(AgreementStatus.Ended, await adminArgs(chain, await sequence()));
        await expectRefused(
            set(AgreementStatus.Active, await adminArgs(chain, await sequence())),
            'AgreementTransitionInvalid',
        );
    });

    test('pays to a new account only 72 hours after it was proposed, and the change can be cancelled [time travel]', async ({
        skip,
    }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const insurance = await createInsurance(chain);
        const { pool, plan, provider } = insurance;
        const { authority } = provider.organization;
        const payout = await tokenAccount(chain, pool.mint, (await freshSigner()).address);
        const change = {
            authority,
            provider: provider.organization.address,
            pool: pool.address,
            agreement: provider.agreement,
        };
        const sequence = async () =>
            (await claims.fetchAgreement(chain.rpc, provider.agreement, confirmed)).data.payoutSequence;
        const propose = async () => {
            const admin = await adminArgs(chain, await sequence());
            return chain.send([await claims.getProposePayoutInstructionAsync({ ...change, payout, admin })]);
        };
        const pay = async (to: Address) =>
            submitClaim(
                chain,
                { pool, plan, member: await enrolMember(chain, pool, plan), provider: { ...provider, payout: to } },
                { lines: [VISIT] },
            );

        await propose();
        await chain.send([await claims.getCancelPayoutInstructionAsync(change)]);
        await chain.travel(73 * 3_600);
        await expectRefused(pay(payout), 'WrongPayout');
        await propose();
        await chain.travel(71 * 3_600);
        await expectRefused(pay(payout), 'WrongPayout');
        await pay(provider.payout);
        await chain.travel(2 * 3_600);
        await expectRefused(pay(provider.payout), 'WrongPayout');
        await pay(payout);
        expect([await centsIn(chain, pool.mint, provider.payout), await centsIn(chain, pool.mint, payout)]).toEqual([
            12_500n,
            12_500n,
        ]);
    });

    test('is with one provider: another cannot use it', async () => {
        const insurance = await createInsurance(chain);
        const stranger = await contractProvider(chain, await createPool(chain));
        const { instructions } = await submitInstructions(
            chain,
            {
                ...insurance,
                provider: { ...stranger, agreement: insurance.provider.agreement, payout: insurance.provider.payout },
            },
            { lines: [VISIT] },
        );
        await expectRefused(chain.send(instructions), 'AgreementOfOtherProvider');
        const { instructions: ofOtherPool } = await submitInstructions(
            chain,
            { ...insurance, provider: stranger },
            { lines: [VISIT] },
        );
        await expectRefused(chain.send(ofOtherPool), 'AgreementOfOtherPool');
    });
});
