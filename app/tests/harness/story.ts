// Batches and packs for the page's tests: what is printed on a pack, and what has become of it on the ledger.
import { Level, type PlaceInTree, provenance, registry } from '../../../clients/ts/src';
import type { Chain } from '../../../tests/harness/chain';
import { type Packs, type Partner, asArgument, createPacks, handOver, nodesOf } from '../../../tests/harness/packs';
import { dateOfDays } from '../../src/words';
import { leafFile } from './leaves';

/** Days until batches of the harness expire. */
export const LIFE = 365;
const LOT = 'A1';

/** A batch whose first pallet is with the wholesaler, but for its first case, which the pharmacy has. */
export type Stock = { readonly packs: Packs; readonly expiry: number; readonly leaves: Buffer };

export async function stock(
    chain: Chain,
    changes: Partial<provenance.BatchTermsLike> = {},
    { isPageOpen = true } = {},
): Promise<Stock> {
    const packs = await createPacks(chain, changes, { isPageOpen });
    await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
    await handOver(chain, packs, { level: Level.Case, index: 0n }, packs.wholesaler, packs.pharmacy);
    const { data } = await provenance.fetchBatch(chain.rpc, packs.batch, { commitment: 'confirmed' });
    return { packs, expiry: data.expiry, leaves: leafFile(packs.tree) };
}

/** The code printed on a pack, in brackets. */
export function printed({ packs, expiry }: Stock, index: number, lot = LOT): string {
    const serial = new TextDecoder().decode(packs.tree.serial(index));
    const date = dateOfDays(expiry).replaceAll('-', '').slice(2);
    return `(01)${packs.tree.gtin}(21)${serial}(17)${date}(10)${lot}`;
}

/** Has the issuer of the pharmacy's credential revoke it, and, where there is to be another, issue number 1. */
export async function renewCredential(chain: Chain, { packs }: Stock, isRenewed: boolean): Promise<void> {
    const { regulator, pharmacy } = packs;
    const by = { operatorKey: regulator.staff, operator: regulator.staffRecord, issuer: regulator.address };
    const credential = pharmacy.credential;
    await chain.send([await registry.getRevokeCredentialInstructionAsync({ ...by, credential, reason: 3 })]);
    if (!isRenewed) return;
    const { data } = await registry.fetchCredential(chain.rpc, credential, { commitment: 'confirmed' });
    const terms = { kind: data.kind, number: 1, validFrom: await chain.now(), validUntil: data.validUntil };
    const subject = pharmacy.address;
    const [next] = await registry.findCredentialPda({ issuer: regulator.address, subject, ...terms });
    await chain.send([
        await registry.getIssueCredentialInstructionAsync({
            ...by,
            payer: regulator.staff,
            subject,
            credential: next,
            terms,
        }),
    ]);
}

/** Has the pharmacy or another partner set the status of a place. */
export async function setStatus(
    chain: Chain,
    { packs }: Stock,
    place: PlaceInTree,
    by: Partner,
    action: provenance.StatusAction,
): Promise<void> {
    const { node, ...above } = await nodesOf(packs, place);
    await chain.send([
        await provenance.getSetStatusInstructionAsync({
            ...above,
            operator: by.staff,
            operatorRecord: by.staffRecord,
            organization: by.address,
            batch: packs.batch,
            ...(place.level === Level.Pack ? { page: packs.page } : {}),
            node,
            place: asArgument(place),
            action,
            reason: new Uint8Array(32).fill(7),
        }),
    ]);
}

/** Has the regulator recall a place. */
export async function recall(
    chain: Chain,
    { packs }: Stock,
    place: PlaceInTree,
    grade: provenance.ClassArg,
): Promise<void> {
    const records = await nodesOf(packs, place);
    await chain.send([
        await provenance.getIssueRecallInstructionAsync({
            operator: packs.regulator.staff,
            operatorRecord: packs.regulator.staffRecord,
            organization: packs.regulator.address,
            batch: packs.batch,
            ...records,
            place: asArgument(place),
            terms: {
                class: grade,
                depth: provenance.DepthArg.Retailer,
                notice: new Uint8Array(32).fill(5),
                respondWithin: 3_600n,
            },
        }),
    ]);
}
