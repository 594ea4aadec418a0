// A pack on the ledger: from what its code says to what is recorded of it, and to the rulebook's answer.
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import {
    Level,
    type PlaceInTree,
    type TreeLayout,
    isMarked,
    pageAddress,
    pathOf,
    provenance,
    recordAddress,
} from '../../../clients/ts/src';
import { type Code, type Proved, type Rules, STATUSES, type Status, type Told } from '../rules';
import { LedgerError, type LedgerRpc, read } from './accounts';
import { hexOf, hexOfAddress, padded } from './bytes';

const POLICY_CUSTODY = 1;
/** Storage without limits. */
const STORAGE_ANY = 0;
const NOBODY = '11111111111111111111111111111111' as Address;
/** Of a record of a dispense: the pack is kept for a claim, and not dispensed yet. */
const KIND_RESERVED = 1;

export type Membership = Extract<Proved, { readonly found: 'member' }>;

/** Where a pack is, who has it, and what has become of it. */
export type Custody = {
    readonly level: Level;
    readonly custodian: Address;
    readonly owner: Address;
    readonly status: Status;
    readonly since: bigint;
};

/** A pack that is in its batch. */
export type Pack = {
    readonly batchAddress: Address;
    readonly batch: provenance.Batch;
    readonly serial: string;
    readonly proof: Membership;
    /** The pack's place and all that contain it. */
    readonly path: readonly PlaceInTree[];
    readonly custody: Custody | undefined;
    readonly dispense: provenance.Dispense | undefined;
    /** What devices have reported of the places that the pack is in, the pack's own first. */
    readonly watches: readonly Watch[];
};

/** What the device of a place has reported to the ledger. */
export type Watch = { readonly level: Level; readonly monitor: provenance.Monitor };

/** What a look at the ledger gives. */
export type Finding =
    | { readonly kind: 'answered'; readonly said: Told; readonly pack: Pack; readonly now: bigint }
    | { readonly kind: 'unknown'; readonly why: 'product' | 'batch' | 'serial' }
    /** The batch has no such pack, but `serial`, which differs in upper and lower case only. */
    | { readonly kind: 'serial_case'; readonly asked: string; readonly serial: string }
    | { readonly kind: 'incomplete'; readonly missing: readonly ('gtin' | 'serial' | 'lot')[] }
    | { readonly kind: 'no_leaf_file'; readonly root: string; readonly hash: string };

/** Opens the leaf files of a product that are kept and not open yet. */
export type OpenLeaves = (gtin: string) => Promise<void>;

/** Looks a pack up for `pharmacy`. */
export async function lookUp(
    rpc: LedgerRpc,
    rules: Rules,
    code: Code,
    pharmacy: Address | undefined,
    openLeaves: OpenLeaves,
): Promise<Finding> {
    const { gtin, serial, lot } = code;
    if (gtin === null || serial === null || lot === null) {
        const parts = { gtin, serial, lot };
        return {
            kind: 'incomplete',
            missing: (['gtin', 'serial', 'lot'] as const).filter((part) => parts[part] === null),
        };
    }
    const [product] = await provenance.findProductPda({ gtin: new TextEncoder().encode(gtin) });
    const [batchAddress] = await provenance.findBatchPda({ product, lot: padded(lot) });
    const { data: found } = await readNow(rpc, rules, [product, batchAddress]);
    if (!found[0]) return { kind: 'unknown', why: 'product' };
    if (!found[1]) return { kind: 'unknown', why: 'batch' };
    const batch = provenance.getBatchDecoder().decode(found[1]);
    const root = hexOf(batch.root);
    const wanted = { root, gtin, serial, layout: [...batch.layout], page_height: batch.pageHeight };
    // All of the product: a serial number that is in two batches shows only where both are looked into.
    await openLeaves(gtin);
    const proof = rules.prove(wanted);
    if (proof.found === 'no_file') return { kind: 'no_leaf_file', root, hash: hexOf(batch.leafFile) };
    if (proof.found === 'other_case') return { kind: 'serial_case', asked: serial, serial: proof.serial };
    if (proof.found !== 'member') return { kind: 'unknown', why: 'serial' };
    return judge(rpc, rules, { batchAddress, batch, serial, proof }, code, pharmacy);
}

async function judge(
    rpc: LedgerRpc,
    rules: Rules,
    of: Pick<Pack, 'batchAddress' | 'batch' | 'serial' | 'proof'>,
    code: Code,
    pharmacy: Address | undefined,
): Promise<Finding> {
    const { batch, batchAddress, proof } = of;
    const index = BigInt(proof.index);
    const path = pathOf([...batch.layout] as unknown as TreeLayout, { level: Level.Pack, index });
    const nodes = await Promise.all(path.map((place) => recordAddress(batchAddress, 'node', place)));
    const dispenses = await Promise.all(
        path.slice(0, Level.Batch).map((place) => recordAddress(batchAddress, 'dispense', place)),
    );
    const page = await pageAddress(batchAddress, index >> BigInt(batch.pageHeight));
    const monitors = await Promise.all(path.map((place) => recordAddress(batchAddress, 'monitor', place)));
    const { data, now } = await readNow(rpc, rules, [...nodes, ...dispenses, ...monitors, page]);
    const records = data.slice(0, nodes.length).map((bytes) => bytes && provenance.getNodeDecoder().decode(bytes));
    const kept = data
        .slice(nodes.length, nodes.length + dispenses.length)
        .flatMap((bytes) => (bytes ? [provenance.getDispenseDecoder().decode(bytes)] : []));
    const dispense = kept.find((record) => record.kind !== KIND_RESERVED);
    const reservation = kept.find((record) => record.kind === KIND_RESERVED);
    const watches = data.slice(nodes.length + dispenses.length, -1).flatMap((bytes, depth) => {
        const place = path[depth];
        return bytes && place ? [{ level: place.level, monitor: provenance.getMonitorDecoder().decode(bytes) }] : [];
    });
    const watched = path.map(({ level }) => {
        const monitor = watches.find((watch) => watch.level === level)?.monitor;
        return monitor
            ? {
                  is_on: monitor.device !== NOBODY,
                  registered_at: Number(monitor.registeredAt),
                  until: Number(monitor.coveredUntil),
                  known: Number(monitor.known),
                  gaps: Number(monitor.gaps),
                  releases: monitor.releases,
              }
            : null;
    });
    const custody = custodyOf(records, path);
    const said = rules.answer({
        is_member: true,
        is_elsewhere: proof.is_elsewhere,
        holdings: records.map((node) =>
            node && node.isHeld !== 0
                ? {
                      custodian: hexOfAddress(node.custodian),
                      status: node.status,
                      at: Number(node.statusAt),
                      doubt: { status: node.doubt, at: node.doubtAt, with: node.doubtWith.map(hexOf) },
                  }
                : null,
        ),
        recalls: records.map((node) =>
            (node?.recalls ?? [])
                .filter((recall) => recall.class !== 0)
                .map((recall) => ({
                    issuer: hexOfAddress(recall.issuer),
                    class: recall.class,
                    depth: recall.depth,
                })),
        ),
        is_dispensed: isDispensed(data.at(-1), batch, index, custody),
        dispensed: dispensedOf(custody, dispense),
        reservation: reservation
            ? {
                  pharmacy: hexOfAddress(reservation.pharmacy),
                  claim: hexOfAddress(reservation.claim),
                  until: Number(reservation.reservedUntil),
              }
            : null,
        units: batch.units,
        // The pack's own record is the first of its path.
        units_taken: records[0]?.unitsTaken ?? 0,
        is_page_open: data.at(-1) !== undefined,
        expiry: batch.expiry,
        printed_expiry: code.expiry?.days ?? null,
        now: Number(now),
        // At the ledger's second: summer time may begin in between.
        offset: new Date(Number(now) * 1_000).getTimezoneOffset() * -60,
        asker: hexOfAddress(pharmacy ?? NOBODY),
        is_custody_recorded: (batch.policy & POLICY_CUSTODY) !== 0,
        is_limited: batch.storage !== STORAGE_ANY,
        watches: watched,
    });
    return { kind: 'answered', said, pack: { ...of, path, custody, dispense, watches }, now };
}

/** As `read`, of a node that is not behind: else it says of a pack what was true some time ago. */
async function readNow(rpc: LedgerRpc, rules: Rules, addresses: readonly Address[]): ReturnType<typeof read> {
    const found = await read(rpc, addresses);
    const here = Math.floor(Date.now() / 1_000);
    if (rules.isBehind(Number(found.now), here))
        throw new LedgerError(
            'behind',
            `${new Date(Number(found.now) * 1_000).toISOString()} < ${new Date(here * 1_000).toISOString()}`,
        );
    return found;
}

/** The custody that decides: the deepest that is recorded. */
function custodyOf(
    records: readonly (provenance.Node | undefined)[],
    path: readonly PlaceInTree[],
): Custody | undefined {
    for (const [depth, node] of records.entries()) {
        const [place, status] = [path[depth], STATUSES[node?.status ?? -1]];
        if (!node || node.isHeld === 0 || !place || !status) continue;
        return {
            level: place.level,
            custodian: node.custodian,
            owner: node.owner,
            status,
            since: node.statusAt,
        };
    }
    return undefined;
}

/** Whether the pack was dispensed: alone, by its bit, or with its case or pallet. */
function isDispensed(
    page: ReadonlyUint8Array | undefined,
    batch: provenance.Batch,
    index: bigint,
    custody: Custody | undefined,
): boolean {
    const isSet = page !== undefined && isMarked(page, batch.pageHeight, index);
    return isSet || custody?.status === 'dispensed';
}

/** Where and when, which is recorded for ten days; of a case or pallet, and of a pack that was emptied, the place's own record says it
 * after that. */
function dispensedOf(custody: Custody | undefined, record: provenance.Dispense | undefined) {
    if (record) {
        return {
            premises: hexOfAddress(record.pharmacy),
            at: Number(record.at),
            is_handed_out: record.isHandedOut !== 0,
        };
    }
    if (custody?.status !== 'dispensed') return null;
    return { premises: hexOfAddress(custody.custodian), at: Number(custody.since), is_handed_out: false };
}
