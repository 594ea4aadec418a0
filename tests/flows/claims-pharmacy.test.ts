// A pharmacy's claim: the member agrees to a pack by a commitment, and one transaction adjudicates, dispenses and pays, or nothing.
import { beforeAll, describe, expect, test } from 'vitest';

import { Level, claims, claimsEventSource, fetchEvents, provenance, provenanceEventSource } from '../../clients/ts/src';
import { expectBalanced } from '../harness/balance';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Insurance, readClaim, readPool } from '../harness/insurance';
import { randomBytes } from '../harness/keys';
import { type Packs, asArgument, createPacks, dispense, nodesOf, reserve, undo } from '../harness/packs';
import * as pharmacy from '../harness/pharmacy';
import { expectRefused } from '../harness/refused';
import { centsIn } from '../harness/tokens';

const { ClaimStatus } = claims;
const { CHARGE } = pharmacy;
const LEGACY_TRANSACTION_BYTES = 1_232;
const firstCase = { level: Level.Case, index: 0n };

let chain: Chain;
let packs: Packs;
let insurance: Insurance;
let counter: pharmacy.Counter;
beforeAll(async () => {
    chain = await connect();
    packs = await createPacks(chain);
    counter = await pharmacy.openCounter(chain, packs);
    insurance = counter.insurance;
});

const bind = (index: number) => pharmacy.bind(chain, counter, index);
const dispenseFor = (bound: pharmacy.Bound) => pharmacy.dispenseFor(counter, bound);

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
        await chain.send([await reserve(packs, 3, packs.pharmacy, bound.claim, 3_600n)]);
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
        await chain.send([await pharmacy.putBack(counter, bound)]);
        expect((await readClaim(chain, bound.claim)).status).toBe(ClaimStatus.Reversed);
        expect(await chain.data(bound.commitment)).toBeUndefined();
        await chain.send([await dispense(packs, 5, packs.pharmacy)]);
    });
});
