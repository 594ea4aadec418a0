// A pharmacy's claim: the member agrees to a pack by a commitment, and one transaction adjudicates, dispenses and pays, or nothing.
import { createHash } from 'node:crypto';

import { type Address, getAddressEncoder } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import {
    Level,
    claims,
    claimsEventSource,
    draftDigest,
    fetchEvents,
    pathOf,
    provenance,
    provenanceEventSource,
    recordAddress,
} from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Insurance,
    claimAccounts,
    consentAccounts,
    contractProvider,
    createPool,
    enrolMember,
    lineArgs,
    publishPlan,
    readClaim,
    readPool,
} from '../harness/insurance';
import { randomBytes } from '../harness/keys';
import { type Packs, asArgument, createPacks, dispense, handOver, nodesOf, undo } from '../harness/packs';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimStatus } = claims;
const LEGACY_TRANSACTION_BYTES = 1_232;
const CHARGE = 1_000n;
const firstCase = { level: Level.Case, index: 0n };
const packAt = (index: number) => ({ level: Level.Pack, index: BigInt(index) });

let chain: Chain;
let packs: Packs;
let insurance: Insurance;
let provenanceEvents: Address;
beforeAll(async () => {
    chain = await connect();
    packs = await createPacks(chain);
    await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
    await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
    const pool = await createPool(chain);
    const plan = await publishPlan(chain, pool);
    const member = await enrolMember(chain, pool, plan);
    const provider = await contractProvider(chain, pool, {}, packs.pharmacy);
    insurance = { pool, plan, member, provider };
    provenanceEvents = (await provenance.findEventAuthorityPda())[0];
});

/** The accounts with which the pharmacy's staff acts. */
const staff = () => ({
    operator: packs.pharmacy.staff,
    operatorRecord: packs.pharmacy.staffRecord,
});

/** A claim bound to a pack, or about to be. */
type Bound = {
    readonly claim: Address;
    readonly commitment: Address;
    readonly salt: Uint8Array;
    readonly index: number;
};

function commitmentTo(salt: Uint8Array, index: number): Uint8Array {
    const place = Buffer.alloc(8);
    place.writeBigUInt64LE(BigInt(index));
    const batch = Uint8Array.from(getAddressEncoder().encode(packs.batch));
    return new Uint8Array(createHash('sha256').update(salt).update(batch).update(place).digest());
}

/** Opens a claim of one line and has the member agree to a pack, in one transaction. */
async function commit(index: number): Promise<Bound> {
    const { config, agreement, pool } = await claimAccounts(insurance);
    const provider = packs.pharmacy.address;
    const claimId = randomBytes(16);
    const [claim] = await claims.findClaimPda({ pool, provider, claimId });
    const [commitment] = await claims.findPackPda({ claim });
    const salt = randomBytes(32);
    const document = randomBytes(32);
    // A day for each: two claims of one day would be taken for one.
    const serviceDate = (await chain.today()) - index;
    const lines = await lineArgs(insurance.pool, [{ code: '36415', charge: CHARGE }]);
    await chain.send([
        await claims.getOpenClaimInstructionAsync({
            ...staff(),
            provider,
            config,
            agreement,
            claim,
            claimId,
            document,
            serviceDate,
            lineCount: 1,
        }),
        claims.getAppendClaimLinesInstruction({
            ...staff(),
            provider,
            claim,
            startIndex: 0,
            lines,
        }),
        await claims.getCommitPackInstructionAsync({
            ...staff(),
            ...consentAccounts(insurance.member, undefined),
            provider,
            pool,
            member: insurance.member.address,
            claim,
            pack: commitment,
            commitment: commitmentTo(salt, index),
            until: (await chain.now()) + 3_600n,
            charge: CHARGE,
            digest: await draftDigest({ pool, provider, claimId, document, serviceDate, lines }),
            ticket: null,
        }),
    ]);
    return { claim, commitment, salt, index };
}

/** The records of a pack and of what it lies in, by the names of the instructions' accounts. */
async function recordsOf(index: number) {
    const [packNode, caseNode, palletNode, batchNode] = await Promise.all(
        pathOf(packs.tree.layout, packAt(index)).map((one) => recordAddress(packs.batch, 'node', one)),
    );
    if (!packNode || !caseNode || !palletNode || !batchNode) throw new Error('a pack has four levels');
    const record = await recordAddress(packs.batch, 'dispense', packAt(index));
    return { batch: packs.batch, page: packs.page, packNode, caseNode, palletNode, batchNode, dispense: record };
}

/** Keeps the pack for the claim. */
async function reserve({ claim, index }: Bound) {
    await chain.send([
        await provenance.getReservePackInstructionAsync({
            ...staff(),
            ...(await recordsOf(index)),
            pharmacy: packs.pharmacy.address,
            credential: packs.pharmacy.credential,
            proof: packs.tree.proof(index),
            claim,
            seconds: 3_600n,
        }),
    ]);
}

async function bind(index: number): Promise<Bound> {
    const bound = await commit(index);
    await reserve(bound);
    return bound;
}

async function dispenseFor({ claim, commitment, salt, index }: Bound) {
    return claims.getDispenseClaimInstructionAsync({
        ...(await claimAccounts(insurance)),
        ...(await recordsOf(index)),
        credential: packs.pharmacy.credential,
        claim,
        pack: commitment,
        provenanceProgram: provenance.PROVENANCE_PROGRAM_ADDRESS,
        provenanceEvents,
        salt,
        index: BigInt(index),
        isHandedOut: false,
    });
}

async function putBack({ claim, commitment, index }: Bound) {
    const { agreement, pool, planVersion, member, history, vault, provider } = await claimAccounts(insurance);
    const payer = packs.pharmacy.staff.address;
    return claims.getUndoClaimInstructionAsync({
        ...staff(),
        ...(await recordsOf(index)),
        provider,
        pool,
        agreement,
        planVersion,
        member,
        history,
        claim,
        pack: commitment,
        packPayer: payer,
        vault,
        dispensePayer: payer,
        provenanceProgram: provenance.PROVENANCE_PROGRAM_ADDRESS,
        provenanceEvents,
        index: BigInt(index),
    });
}

const paidOut = () => centsIn(chain, insurance.pool.mint, insurance.provider.payout);

describe("a pharmacy's claim", () => {
    test('is adjudicated, its pack dispensed and paid in one legacy transaction', async () => {
        const bound = await bind(1);
        expect((await readClaim(chain, bound.claim)).status).toBe(ClaimStatus.AwaitsDispense);
        const before = { held: await paidOut(), pool: await readPool(chain, insurance.pool) };
        expect(before.pool.reservedForClaims).toBe(0n);

        const sender = chain.paidBy(packs.pharmacy.staff);
        const { signature, bytes } = await sender.send([await dispenseFor(bound)], { plain: true });
        expect(bytes).toBeLessThanOrEqual(LEGACY_TRANSACTION_BYTES);
        const data = await readClaim(chain, bound.claim);
        expect(data).toMatchObject({ status: ClaimStatus.Paid, member: insurance.member.address });
        expect(data.totals).toMatchObject({ charge: CHARGE, paid: CHARGE });
        expectBalanced(data);
        expect((await paidOut()) - before.held).toBe(CHARGE);
        expect((await readPool(chain, insurance.pool)).paid).toBe(before.pool.paid + CHARGE);

        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({
            name: 'PackDispensed',
            data: { batch: packs.batch, index: 1n, pharmacy: packs.pharmacy.address, claim: bound.claim },
        });
        const adjudicated = (await fetchEvents(chain.rpc, signature, await claimsEventSource())).find(
            ({ name }) => name === 'ClaimAdjudicated',
        );
        expect(adjudicated).toMatchObject({ data: { claim: bound.claim, paid: CHARGE } });
        await expectRefused(chain.send([await dispenseFor(bound)]), 'DispenseNotAwaited');
        await expectRefused(chain.send([await dispense(packs, 1, packs.pharmacy)]), 'AlreadyDispensed');
    });

    test('is paid for the pack that the member agreed to, and for no other', async () => {
        const bound = await bind(2);
        await reserve({ ...bound, index: 3 });
        await expectRefused(chain.send([await dispenseFor({ ...bound, index: 3 })]), 'PackMismatch');
        const otherSalt = { ...bound, salt: randomBytes(32) };
        await expectRefused(chain.send([await dispenseFor(otherSalt)]), 'PackMismatch');
        const unkept = await dispense(packs, 2, packs.pharmacy);
        await expectRefused(chain.send([unkept]), 'ReservedForOther');
        expect((await readClaim(chain, bound.claim)).status).toBe(ClaimStatus.AwaitsDispense);
    });

    test('is stopped by a recall with nothing changed, and released then', async () => {
        const bound = await bind(4);
        const { node, ...above } = await nodesOf(packs, firstCase);
        const regulator = {
            operator: packs.regulator.staff,
            operatorRecord: packs.regulator.staffRecord,
            organization: packs.regulator.address,
            batch: packs.batch,
            node,
            place: asArgument(firstCase),
        };
        const terms = {
            class: provenance.ClassArg.Two,
            depth: provenance.DepthArg.Retailer,
            notice: new Uint8Array(32).fill(5),
            respondWithin: 3_600n,
        };
        const before = await paidOut();
        await chain.send([await provenance.getIssueRecallInstructionAsync({ ...above, ...regulator, terms })]);
        await expectRefused(chain.send([await dispenseFor(bound)]), 'Recalled');
        const reason = new Uint8Array(32).fill(6);
        await chain.send([await provenance.getLiftRecallInstructionAsync({ ...regulator, reason })]);
        expect((await readClaim(chain, bound.claim)).status).toBe(ClaimStatus.AwaitsDispense);
        expect(await paidOut()).toBe(before);

        const { claim, commitment: pack } = bound;
        const payer = packs.pharmacy.staff;
        const byNobody = await claims.getReleasePackInstructionAsync({ claim, pack, payer: payer.address });
        await expectRefused(chain.send([byNobody]), 'PackCommitmentInForce');
        await chain.send([
            await claims.getReleasePackInstructionAsync({ releaser: payer, claim, pack, payer: payer.address }),
        ]);
        expect((await readClaim(chain, claim)).status).toBe(ClaimStatus.Draft);
        expect(await chain.data(pack)).toBeUndefined();
    });

    test('is taken back with its dispense, and never without', async () => {
        const bound = await bind(5);
        await chain.send([await dispenseFor(bound)]);
        const alone = await undo(packs, 5, packs.pharmacy, packs.pharmacy.staff.address);
        await expectRefused(chain.send([alone]), 'ClaimSignatureMissing');
        await chain.send([await putBack(bound)]);
        expect((await readClaim(chain, bound.claim)).status).toBe(ClaimStatus.Reversed);
        expect(await chain.data(bound.commitment)).toBeUndefined();
        await chain.send([await dispense(packs, 5, packs.pharmacy)]);
    });
});
