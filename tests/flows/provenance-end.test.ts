// The end of a batch, six years on: its records are closed one by one, then the batch itself, and what is left of it by anybody;
// whoever paid rent gets it back, and the manufacturer the bond.
import type { Address, Instruction } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource, recordAddress, registry } from '../../clients/ts/src';
import { type OpenBond, cover, deposit, makerStaff, openBond, readBond } from '../harness/bonds';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import { addStaff, adminArgs } from '../harness/organizations';
import { startOwn } from '../harness/own';
import { type Packs, type Partner, createPacks, dispense, handOver, packAt } from '../harness/packs';
import { expectRefused } from '../harness/refused';
import { centsIn, createMint, tokenAccount } from '../harness/tokens';

const DAY_SECONDS = 86_400;
const RETENTION_DAYS = 6 * 365 + 2;
const NOTICE_DAYS = 14;
const BOND = 5_000n;
/** Bytes that stay of a batch, so that nothing is ever registered in its place. */
const GRAVE_BYTES = 9;
const firstCase = { level: Level.Case, index: 0n };
const firstPallet = { level: Level.Pallet, index: 0n };

let own: Awaited<ReturnType<typeof startOwn>> | undefined;
let chain: Chain;
let packs: Packs;
let bond: OpenBond;

beforeAll(async () => {
    const { canTravel } = await connect();
    if (!canTravel) return;
    own = await startOwn();
    chain = own.chain;
    packs = await createPacks(chain);
    bond = await openBond(chain, packs.maker, await createMint(chain));
    await deposit(chain, bond, BOND);
    await cover(chain, bond, packs, 800n);
    await handOver(chain, packs, firstPallet, packs.maker, packs.wholesaler);
    await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
    await chain.send([await dispense(packs, 0, packs.pharmacy)]);
});
afterAll(async () => own?.stop());

const closePage = async (payer: Partner) =>
    provenance.getClosePageInstructionAsync({ batch: packs.batch, page: packs.page, payer: payer.staff.address });
const closeNode = async (place: typeof firstCase, payer: Partner) =>
    provenance.getCloseNodeInstructionAsync({
        batch: packs.batch,
        node: await recordAddress(packs.batch, 'node', place),
        payer: payer.staff.address,
    });
const closeBatch = async (of: Address | undefined) =>
    provenance.getCloseBatchInstructionAsync({
        batch: packs.batch,
        payer: packs.maker.staff.address,
        ...(of === undefined ? {} : { bond: of }),
    });
const closeOrphan = async (record: Address, payer: Partner) =>
    provenance.getCloseOrphanInstructionAsync({ batch: packs.batch, record, payer: payer.staff.address });

/** Sends what gives back the rent of `account`, and expects all of it to arrive with whoever paid it. */
async function expectReturned(account: Address, payer: Partner, instruction: Instruction): Promise<void> {
    const [before, rent] = [await chain.balance(payer.staff.address), await chain.balance(account)];
    expect(rent).toBeGreaterThan(0n);
    await chain.send([instruction]);
    expect(await chain.balance(payer.staff.address)).toBe(before + rent);
    expect(await chain.data(account)).toBeUndefined();
}

describe('a batch [time travel]', () => {
    test('is kept for six years with all that is recorded of it', async ({ skip }) => {
        skip(own === undefined, 'this validator cannot travel in time');
        await expectRefused(chain.send([await closePage(packs.maker)]), 'StillRetained');
        await expectRefused(chain.send([await closeNode(firstCase, packs.wholesaler)]), 'StillRetained');
        await expectRefused(chain.send([await closeBatch(bond.address)]), 'StillRetained');
        const record = await recordAddress(packs.batch, 'node', firstPallet);
        await expectRefused(chain.send([await closeOrphan(record, packs.maker)]), 'BatchStillOpen');
        expect((await provenance.fetchBatch(chain.rpc, packs.batch, { commitment: 'confirmed' })).data.pages).toBe(1);
    });

    test('is closed after its pages, and anybody closes what others have left', async ({ skip }) => {
        skip(own === undefined, 'this validator cannot travel in time');
        await chain.travel((RETENTION_DAYS + 1) * DAY_SECONDS);
        await expectRefused(chain.send([await closeNode(firstCase, packs.wholesaler)]), 'PagesAreOpen');
        await expectRefused(chain.send([await closeBatch(bond.address)]), 'PagesAreOpen');
        await expectRefused(chain.send([await closePage(packs.wholesaler)]), 'WrongPayer');
        await expectReturned(packs.page, packs.maker, await closePage(packs.maker));
        const ofCase = await recordAddress(packs.batch, 'node', firstCase);
        await expectReturned(ofCase, packs.wholesaler, await closeNode(firstCase, packs.wholesaler));

        await expectRefused(chain.send([await closeBatch(undefined)]), 'BondMissing');
        expect((await readBond(chain, bond)).batches).toBe(1);
        const { signature } = await chain.send([await closeBatch(bond.address)]);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({ name: 'BatchClosed', data: { batch: packs.batch } });
        expect((await readBond(chain, bond)).batches).toBe(0);
        expect(await chain.data(packs.batch)).toHaveLength(GRAVE_BYTES);
        await expectRefused(chain.send([await closeBatch(bond.address)]), 'BatchClosed');

        const ofPallet = await recordAddress(packs.batch, 'node', firstPallet);
        await expectRefused(chain.send([await closeOrphan(ofPallet, packs.pharmacy)]), 'WrongPayer');
        await expectReturned(ofPallet, packs.maker, await closeOrphan(ofPallet, packs.maker));
        const ofDispense = await recordAddress(packs.batch, 'dispense', packAt(0));
        await expectReturned(ofDispense, packs.pharmacy, await closeOrphan(ofDispense, packs.pharmacy));
        await expectRefused(chain.send([await closeOrphan(ofDispense, packs.pharmacy)]), 'WrongRecord');
    });

    test('that is closed frees its bond', async ({ skip }) => {
        skip(own === undefined, 'this validator cannot travel in time');
        // Nobody of six years ago works there any more.
        const clerk = await freshSigner();
        const staff = {
            ...makerStaff(packs.maker),
            operator: clerk,
            operatorRecord: await addStaff(chain, packs.maker, clerk.address),
        };
        const destination = await tokenAccount(chain, bond.mint, packs.maker.authority.address);
        const announce = async (by: typeof staff) =>
            chain.send([
                await provenance.getAnnounceBondWithdrawalInstructionAsync({
                    ...by,
                    bond: bond.address,
                    destination,
                    admin: await adminArgs(chain, (await readBond(chain, bond)).sequence),
                    amount: BOND,
                }),
            ]);
        await expectRefused(announce({ ...staff, ...makerStaff(packs.maker) }), 'OperatorExpired');
        await announce(staff);
        await chain.travel(NOTICE_DAYS * DAY_SECONDS);
        const [config] = await registry.findConfigPda();
        await chain.send([
            await provenance.getWithdrawBondInstructionAsync({
                ...staff,
                config,
                bond: bond.address,
                vault: bond.vault,
                destination,
                mint: bond.mint.address,
                tokenProgram: bond.mint.program,
            }),
        ]);
        expect(await centsIn(chain, bond.mint, destination)).toBe(BOND);
        expect(await readBond(chain, bond)).toMatchObject({ deposited: BOND, withdrawn: BOND, owed: 0n });
    });
});
