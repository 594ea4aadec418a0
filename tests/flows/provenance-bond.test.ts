// A manufacturer's bond: deposited, promised to batches, withdrawn by notice; and after a recall insurers get back what they paid.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import {
    Level,
    claims,
    claimsEventSource,
    fetchEvents,
    provenance,
    provenanceEventSource,
    recordAddress,
    registry,
} from '../../clients/ts/src';
import { type OpenBond, cover, deposit, makerStaff, openBond, readBond } from '../harness/bonds';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { readPool } from '../harness/insurance';
import { adminArgs } from '../harness/organizations';
import { type Packs, type Partner, asArgument, createPacks, nodesOf, packAt, recordsOf } from '../harness/packs';
import { whilePaused } from '../harness/pause';
import { type Bound, CHARGE, type Counter, bind, dispenseFor, openCounter } from '../harness/pharmacy';
import { expectRefused } from '../harness/refused';
import { centsIn, createMint, tokenAccount } from '../harness/tokens';

const DAY_SECONDS = 86_400;
const NOTICE_DAYS = 14;
const RECOUPMENT_WAIT_DAYS = 3;
const firstCase = { level: Level.Case, index: 0n };

let chain: Chain;
let packs: Packs;
let bond: OpenBond;

const held = () => centsIn(chain, bond.mint, bond.vault);

describe('a bond', () => {
    let treasury: Address;
    const admin = async () => adminArgs(chain, (await readBond(chain, bond)).sequence);
    const announce = async (amount: bigint) =>
        chain.send([
            await provenance.getAnnounceBondWithdrawalInstructionAsync({
                ...makerStaff(packs.maker),
                bond: bond.address,
                destination: treasury,
                admin: await admin(),
                amount,
            }),
        ]);
    const cancel = async () =>
        chain.send([
            await provenance.getCancelBondWithdrawalInstructionAsync({
                ...makerStaff(packs.maker),
                bond: bond.address,
                admin: await admin(),
            }),
        ]);
    const withdraw = async (destination = treasury) => {
        const [config] = await registry.findConfigPda();
        return chain.send([
            await provenance.getWithdrawBondInstructionAsync({
                ...makerStaff(packs.maker),
                config,
                bond: bond.address,
                vault: bond.vault,
                destination,
                mint: bond.mint.address,
                tokenProgram: bond.mint.program,
            }),
        ]);
    };

    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain);
        bond = await openBond(chain, packs.maker, await createMint(chain));
        treasury = await tokenAccount(chain, bond.mint, packs.maker.authority.address);
    });

    test('is a manufacturer\u2019s, and holds what anybody deposits', async () => {
        await expectRefused(openBond(chain, packs.wholesaler, bond.mint), 'NotAManufacturer');
        expect(await readBond(chain, bond)).toMatchObject({
            manufacturer: packs.maker.address,
            claimsProgram: claims.CLAIMS_PROGRAM_ADDRESS,
            deposited: 0n,
            batches: 0,
        });
        await deposit(chain, bond, 50_000n);
        expect(await readBond(chain, bond)).toMatchObject({ deposited: 50_000n, recouped: 0n, withdrawn: 0n });
        expect(await held()).toBe(50_000n);
    });

    test('is withdrawn from fourteen days after the notice, and not during a pause [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        await expectRefused(withdraw(), 'NoWithdrawalAnnounced');
        await announce(10_000n);
        await expectRefused(announce(20_000n), 'WithdrawalAlreadyAnnounced');
        await cancel();
        await expectRefused(cancel(), 'NoWithdrawalAnnounced');
        await announce(20_000n);
        expect(await readBond(chain, bond)).toMatchObject({ withdrawal: 20_000n, withdrawalTo: treasury });
        await expectRefused(withdraw(), 'WithdrawalNotDue');
        await chain.travel(NOTICE_DAYS * DAY_SECONDS);
        await whilePaused(chain, async () => {
            await expectRefused(withdraw(), 'WithdrawalsPaused');
        });
        const elsewhere = await tokenAccount(chain, bond.mint, packs.maker.staff.address);
        await expectRefused(withdraw(elsewhere), 'WrongDestination');
        expect(await held()).toBe(50_000n);
        await withdraw();
        expect(await readBond(chain, bond)).toMatchObject({ withdrawn: 20_000n, withdrawal: 0n });
        expect(await held()).toBe(30_000n);
        expect(await centsIn(chain, bond.mint, treasury)).toBe(20_000n);
    });

    test('that covers a batch is not withdrawn, and what it promised is not lowered', async () => {
        const before = (await provenance.fetchBatch(chain.rpc, packs.batch, { commitment: 'confirmed' })).data;
        expect(before.cover).toBe(0n);
        await expectRefused(cover(chain, bond, packs, 0n), 'CoverInvalid');
        await cover(chain, bond, packs, 700n);
        await expectRefused(cover(chain, bond, packs, 699n), 'CoverLowered');
        await cover(chain, bond, packs, 800n);
        const after = (await provenance.fetchBatch(chain.rpc, packs.batch, { commitment: 'confirmed' })).data;
        expect(after).toMatchObject({ cover: 800n, bond: bond.address });
        expect((await readBond(chain, bond)).batches).toBe(1);
        await expectRefused(announce(1n), 'BatchesAreCovered');
    });
});

describe('a claim that was paid for a recalled pack', () => {
    /** What the bond pays for a pack at most: less than the claim was. */
    const COVER = 800n;
    const DEPOSITED = 300n;
    let counter: Counter;
    let bound: Bound;
    let recoupment: Address;

    const recall = async (by: Partner | Packs['regulator'], recallClass: provenance.ClassArg) =>
        chain.send([
            await provenance.getIssueRecallInstructionAsync({
                ...(await nodesOf(packs, firstCase)),
                operator: by.staff,
                operatorRecord: by.staffRecord,
                organization: by.address,
                batch: packs.batch,
                place: asArgument(firstCase),
                terms: {
                    class: recallClass,
                    depth: provenance.DepthArg.Consumer,
                    notice: new Uint8Array(32).fill(5),
                    respondWithin: 3_600n,
                },
            }),
        ]);
    const recoup = async () => {
        const { pool } = counter.insurance;
        return chain.send([
            await claims.getRecoupClaimInstructionAsync({
                ...(await recordsOf(packs, bound.index)),
                payer: chain.payer,
                pool: pool.address,
                claim: bound.claim,
                vault: pool.vault,
                mint: pool.mint.address,
                tokenProgram: pool.mint.program,
                dispense: await recordAddress(packs.batch, 'dispense', packAt(bound.index)),
                recoupment,
                bond: bond.address,
                bondVault: bond.vault,
                provenanceProgram: provenance.PROVENANCE_PROGRAM_ADDRESS,
                provenanceEvents: (await provenance.findEventAuthorityPda())[0],
                provider: packs.pharmacy.address,
                claimId: bound.claimId,
                originals: [],
            }),
        ]);
    };
    const payRest = async () =>
        chain.send([
            await provenance.getPayRecoupmentInstructionAsync({
                recoupment,
                bond: bond.address,
                vault: bond.vault,
                payee: counter.insurance.pool.vault,
                mint: bond.mint.address,
                tokenProgram: bond.mint.program,
            }),
        ]);
    const countRest = async () => {
        const { pool } = counter.insurance;
        const [record] = await claims.findRecoupmentPda({ claim: bound.claim });
        return chain.send([
            await claims.getCountRecoupmentInstructionAsync({
                pool: pool.address,
                record,
                recoupment,
                vault: pool.vault,
            }),
        ]);
    };
    const readRecoupment = async () =>
        (await provenance.fetchRecoupment(chain.rpc, recoupment, { commitment: 'confirmed' })).data;

    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain);
        counter = await openCounter(chain, packs);
        bond = await openBond(chain, packs.maker, counter.insurance.pool.mint);
        await deposit(chain, bond, DEPOSITED);
        await cover(chain, bond, packs, COVER);
        bound = await bind(chain, counter, 1);
        await chain.send([await dispenseFor(counter, bound)]);
        recoupment = await recordAddress(packs.batch, 'recoupment', packAt(bound.index));
    });

    test('is not paid back without a recall, nor for a slight one', async () => {
        await expectRefused(recoup(), 'NotRecalled');
        await recall(packs.maker, provenance.ClassArg.Three);
        await expectRefused(recoup(), 'RecallNotGrave');
        expect(await chain.data(recoupment)).toBeUndefined();
        expect(await held()).toBe(DEPOSITED);
    });

    test('is not paid back before the recall has stood for 72 hours', async () => {
        await recall(packs.regulator, provenance.ClassArg.One);
        await expectRefused(recoup(), 'RecoupmentTooEarly');
        expect(await chain.data(recoupment)).toBeUndefined();
        expect(await held()).toBe(DEPOSITED);
    });

    test('is paid back up to the cover, as far as the bond has money [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        await chain.travel(RECOUPMENT_WAIT_DAYS * DAY_SECONDS);
        const before = await readPool(chain, counter.insurance.pool);
        const { signature } = await recoup();
        const [event] = await fetchEvents(chain.rpc, signature, await claimsEventSource());
        expect(event).toMatchObject({
            name: 'ClaimRecouped',
            data: { claim: bound.claim, bond: bond.address, arrived: DEPOSITED, lacking: COVER - DEPOSITED },
        });
        expect(COVER).toBeLessThan(CHARGE);
        expect(await readRecoupment()).toMatchObject({ due: COVER, recouped: DEPOSITED, claim: bound.claim });
        expect(await readBond(chain, bond)).toMatchObject({ recouped: DEPOSITED, owed: COVER - DEPOSITED });
        expect((await readPool(chain, counter.insurance.pool)).funded).toBe(before.funded + DEPOSITED);
        expect(await held()).toBe(0n);
        // The system program's error 0: the claim's record exists.
        await expectRefused(recoup(), 'custom program error 0');
    });

    test('gets the rest when the bond is filled up again, and is counted then [time travel]', async (context) => {
        if (!chain.canTravel) return context.skip();
        await expectRefused(payRest(), 'BondEmpty');
        await expectRefused(countRest(), 'NothingArrived');
        await deposit(chain, bond, 1_000n);
        const before = await readPool(chain, counter.insurance.pool);
        const { signature } = await payRest();
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({ name: 'PackRecouped', data: { paid: COVER - DEPOSITED, lacking: 0n } });
        expect(await readBond(chain, bond)).toMatchObject({ recouped: COVER, owed: 0n });
        expect(await held()).toBe(DEPOSITED + 1_000n - COVER);
        await expectRefused(payRest(), 'NothingOwed');

        expect((await readPool(chain, counter.insurance.pool)).funded).toBe(before.funded);
        await countRest();
        expect((await readPool(chain, counter.insurance.pool)).funded).toBe(before.funded + COVER - DEPOSITED);
        await expectRefused(countRest(), 'NothingArrived');
    });
});
