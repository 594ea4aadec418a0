// A pharmacy at its counter: a member's claim that is bound to one pack, which is kept for it, dispensed and paid for at once.
import { createHash } from 'node:crypto';

import { type Address, getAddressEncoder } from '@solana/kit';

import { Level, claims, draftDigest, provenance, recordAddress } from '../../clients/ts/src';
import type { Chain } from './chain';
import {
    type Insurance,
    claimAccounts,
    consentAccounts,
    contractProvider,
    createPool,
    enrolMember,
    lineArgs,
    publishPlan,
} from './insurance';
import { randomBytes } from './keys';
import { type Packs, handOver, packAt, recordsOf, reserve } from './packs';

/** What the pharmacy charges for a pack, and the plan pays for it, in cents. */
export const CHARGE = 1_000n;

/** A case of packs at a pharmacy, and a member whose insurer has an agreement with it. */
export type Counter = { readonly packs: Packs; readonly insurance: Insurance };

/** A claim bound to a pack, or about to be. */
export type Bound = {
    readonly claim: Address;
    readonly claimId: Uint8Array;
    readonly commitment: Address;
    readonly salt: Uint8Array;
    readonly index: number;
};

/** Hands the first case of `packs` to the pharmacy, and makes an insurer, a plan, a member and the agreement. */
export async function openCounter(chain: Chain, packs: Packs): Promise<Counter> {
    await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
    await handOver(chain, packs, { level: Level.Case, index: 0n }, packs.wholesaler, packs.pharmacy);
    const pool = await createPool(chain);
    const plan = await publishPlan(chain, pool);
    const member = await enrolMember(chain, pool, plan);
    const provider = await contractProvider(chain, pool, {}, packs.pharmacy);
    return { packs, insurance: { pool, plan, member, provider } };
}

/** The accounts with which the pharmacy's staff acts. */
const staffOf = ({ pharmacy }: Packs) => ({ operator: pharmacy.staff, operatorRecord: pharmacy.staffRecord });

function commitmentTo(packs: Packs, salt: Uint8Array, index: number): Uint8Array {
    const place = Buffer.alloc(8);
    place.writeBigUInt64LE(BigInt(index));
    const batch = Uint8Array.from(getAddressEncoder().encode(packs.batch));
    return new Uint8Array(createHash('sha256').update(salt).update(batch).update(place).digest());
}

/** Opens a claim of one line and has the member agree to a pack, in one transaction. */
async function commit(chain: Chain, { packs, insurance }: Counter, index: number): Promise<Bound> {
    const { config, agreement, pool } = await claimAccounts(insurance);
    const provider = packs.pharmacy.address;
    const claimId = randomBytes(16);
    const [claim] = await claims.findClaimPda({ pool, provider, claimId });
    const [commitment] = await claims.findPackPda({ claim });
    const salt = randomBytes(32);
    const document = randomBytes(32);
    const serviceDate = await chain.today();
    // A modifier for each: two claims of one day for the same would be taken for one.
    const modifiers = Uint8Array.of(index, 0, 0, 0);
    const lines = await lineArgs(insurance.pool, [{ code: '36415', modifiers, charge: CHARGE }]);
    await chain.send([
        await claims.getOpenClaimInstructionAsync({
            ...staffOf(packs),
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
            ...staffOf(packs),
            provider,
            claim,
            startIndex: 0,
            lines,
        }),
        await claims.getCommitPackInstructionAsync({
            ...staffOf(packs),
            ...consentAccounts(insurance.member, undefined),
            provider,
            pool,
            member: insurance.member.address,
            claim,
            pack: commitment,
            commitment: commitmentTo(packs, salt, index),
            until: (await chain.now()) + 3_600n,
            charge: CHARGE,
            digest: await draftDigest({ pool, provider, claimId, document, serviceDate, lines }),
            ticket: null,
        }),
    ]);
    return { claim, claimId, commitment, salt, index };
}

/** Opens a claim for a pack, and keeps the pack for it. */
export async function bind(chain: Chain, counter: Counter, index: number): Promise<Bound> {
    const bound = await commit(chain, counter, index);
    await chain.send([await reserve(counter.packs, index, counter.packs.pharmacy, bound.claim, 3_600n)]);
    return bound;
}

const dispenseAt = ({ batch }: Packs, index: number) => recordAddress(batch, 'dispense', packAt(index));

/** Adjudicates, dispenses and pays. */
export async function dispenseFor({ packs, insurance }: Counter, { claim, commitment, salt, index }: Bound) {
    return claims.getDispenseClaimInstructionAsync({
        ...(await claimAccounts(insurance)),
        ...(await recordsOf(packs, index)),
        dispense: await dispenseAt(packs, index),
        credential: packs.pharmacy.credential,
        claim,
        pack: commitment,
        provenanceProgram: provenance.PROVENANCE_PROGRAM_ADDRESS,
        provenanceEvents: (await provenance.findEventAuthorityPda())[0],
        salt,
        index: BigInt(index),
        isHandedOut: false,
        opening: null,
    });
}

/** Reverses the claim and undoes the dispense. */
export async function putBack({ packs, insurance }: Counter, { claim, commitment, index }: Bound) {
    const { agreement, pool, planVersion, member, history, vault, provider } = await claimAccounts(insurance);
    const payer = packs.pharmacy.staff.address;
    return claims.getUndoClaimInstructionAsync({
        ...staffOf(packs),
        ...(await recordsOf(packs, index)),
        dispense: await dispenseAt(packs, index),
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
        provenanceEvents: (await provenance.findEventAuthorityPda())[0],
        index: BigInt(index),
    });
}
