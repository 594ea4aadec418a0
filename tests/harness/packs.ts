// A batch of packs with a manufacturer, a wholesaler, a pharmacy and a regulator, and the tree of its packs.
import { createHash } from 'node:crypto';

import { AccountRole, type Address, type Instruction } from '@solana/kit';

import {
    Level,
    type PlaceInTree,
    type TreeLayout,
    isMarked,
    pageAddress,
    pathOf,
    provenance,
    recordAddress,
    registry,
} from '../../clients/ts/src';
import type { Chain } from './chain';
import { type Organization, createOrganization } from './organizations';

const TRADING = 7;
const RETURNS = 8;
/** Of a batch's policy: who has it is recorded. */
export const POLICY_CUSTODY = 1;
/** No limits of temperature. */
const STORAGE_ANY = 0;
const EMPTY = new Uint8Array(32);

type Hash = Uint8Array;
const sha256 = (...parts: readonly Uint8Array[]): Hash => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
};
const ascii = (text: string) => new TextEncoder().encode(text);
/** A text in the fixed length in which the program keeps it. */
const padded = (text: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(20);
    bytes.set(text);
    return bytes;
};
const isEmpty = (node: Hash) => node.every((byte) => byte === 0);

/** The tree of packs 0 to `count` - 1: leaves and nodes hash under the prefixes of `galen_rules::merkle`. */
export class Tree {
    private readonly rows: Hash[][];

    constructor(
        readonly gtin: string,
        readonly layout: TreeLayout,
        readonly count: number,
    ) {
        const depth = layout.reduce((sum, exponent) => sum + exponent, 0);
        const leaves = Array.from({ length: 2 ** depth }, (_, index) => (index < count ? this.leaf(index) : EMPTY));
        this.rows = [leaves];
        for (let height = 1; height <= depth; height += 1) {
            const below = this.rows[height - 1] ?? [];
            this.rows.push(
                Array.from({ length: below.length / 2 }, (_, index) => {
                    const [left, right] = [below[2 * index] ?? EMPTY, below[2 * index + 1] ?? EMPTY];
                    return isEmpty(left) && isEmpty(right) ? EMPTY : sha256(new Uint8Array([height]), left, right);
                }),
            );
        }
    }

    serial(index: number): Uint8Array {
        return ascii(`SN${index.toString().padStart(6, '0')}`);
    }

    salt(index: number): Uint8Array {
        return sha256(ascii(`salt ${index}`)).slice(0, 16);
    }

    private leaf(index: number): Hash {
        const serial = this.serial(index);
        return sha256(new Uint8Array([0]), ascii(this.gtin), this.salt(index), new Uint8Array([serial.length]), serial);
    }

    root(): Hash {
        return this.rows.at(-1)?.[0] ?? EMPTY;
    }

    /** The proof of a pack, up to the root: the batch has one page. */
    proof(index: number): provenance.PackProof {
        const { siblings } = this.node(0, index);
        return { index: BigInt(index), salt: this.salt(index), serial: padded(this.serial(index)), siblings };
    }

    /** The first case as a whole: its node, and the siblings from there up to the root. */
    firstCase(): { hash: Hash; siblings: Hash[] } {
        return this.node(this.layout[0], 0);
    }

    private node(height: number, index: number): { hash: Hash; siblings: Hash[] } {
        const siblings = this.rows.slice(height, -1).map((row, above) => row[(index >> above) ^ 1] ?? EMPTY);
        return { hash: this.rows[height]?.[index] ?? EMPTY, siblings };
    }
}

/** What becomes of packs; numbers as they are stored. */
export enum Status {
    Commissioned,
    Packed,
    InTransit,
    Received,
    Returned,
    Quarantined,
    Suspect,
    Illegitimate,
    PartiallyDispensed,
    Dispensed,
    Destroyed,
    Stolen,
    Exported,
    Decommissioned,
}

/** A GTIN that no other run has: twelve random digits after a zero, and the check digit. */
export function someGtin(): string {
    const body = `0${Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte % 10).join('')}`;
    const sum = [...body].reduce((all, digit, place) => all + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
    return `${body}${(10 - (sum % 10)) % 10}`;
}

/** An organisation of the chain with the credential that makes it a partner. */
export type Partner = Organization & { readonly credential: Address };

/** A registered batch and everybody around it. */
export type Packs = {
    readonly tree: Tree;
    readonly batch: Address;
    readonly page: Address;
    readonly regulator: Organization;
    readonly maker: Partner;
    readonly wholesaler: Partner;
    readonly pharmacy: Partner;
};

async function credentialed(chain: Chain, kind: registry.OrganizationKind, issuer: Organization): Promise<Partner> {
    const organization = await createOrganization(chain, kind);
    const subject = organization.address;
    const now = await chain.now();
    const terms = { kind: TRADING, number: 0, validFrom: now, validUntil: now + 86_400n };
    const [credential] = await registry.findCredentialPda({ issuer: issuer.address, subject, ...terms });
    const instruction = await registry.getIssueCredentialInstructionAsync({
        payer: issuer.staff,
        operatorKey: issuer.staff,
        operator: issuer.staffRecord,
        issuer: issuer.address,
        subject,
        credential,
        terms,
    });
    await chain.send([instruction]);
    return { ...organization, credential };
}

/** How many packs in a case and so on, as exponents, and how many packs there are. */
type Packaging = { readonly layout: TreeLayout; readonly count: number; readonly isPageOpen: boolean };

/** Registers product and batch, and opens its one page, unless it is not to be open. `changes`: to the batch's terms. */
export async function createPacks(
    chain: Chain,
    changes: Partial<provenance.BatchTermsLike> = {},
    { layout = [3, 1, 1], count = 30, isPageOpen = true }: Partial<Packaging> = {},
): Promise<Packs> {
    const regulator = await createOrganization(chain, registry.OrganizationKind.Regulator);
    const [maker, wholesaler, pharmacy] = await Promise.all(
        [
            registry.OrganizationKind.Manufacturer,
            registry.OrganizationKind.Wholesaler,
            registry.OrganizationKind.Pharmacy,
        ].map((kind) => credentialed(chain, kind, regulator)),
    );
    if (maker === undefined || wholesaler === undefined || pharmacy === undefined) throw new Error('three partners');
    const tree = new Tree(someGtin(), layout, count);
    const gtin = ascii(tree.gtin);
    const staff = { operator: maker.staff, operatorRecord: maker.staffRecord, manufacturer: maker.address };
    const [product] = await provenance.findProductPda({ gtin });
    await chain.send([await provenance.getRegisterProductInstructionAsync({ ...staff, product, gtin })]);
    const lot = padded(ascii('A1'));
    const [batch] = await provenance.findBatchPda({ product, lot });
    const terms = {
        lot,
        expiry: Number((await chain.now()) / 86_400n) + 365,
        quantity: BigInt(tree.count),
        units: 0,
        root: tree.root(),
        layout: Uint8Array.from(tree.layout),
        pageHeight: layout.reduce((sum, exponent) => sum + exponent, 0),
        leafFile: sha256(ascii('leaf file')),
        location: sha256(ascii('https://packs.example/A1.leaves')),
        policy: POLICY_CUSTODY,
        storage: STORAGE_ANY,
        credentialKind: TRADING,
        returnKind: RETURNS,
        ...changes,
    };
    const whole = { level: Level.Batch, index: 0n };
    const node = await recordAddress(batch, 'node', whole);
    const credentialIssuer = regulator.address;
    await chain.send([
        await provenance.getRegisterBatchInstructionAsync({ ...staff, credentialIssuer, product, batch, node, terms }),
    ]);
    const page = await pageAddress(batch, 0n);
    if (isPageOpen) {
        const whole = { page, number: 0n, root: tree.root(), siblings: [] };
        await chain.send([await provenance.getOpenPageInstructionAsync({ ...staff, batch, ...whole })]);
    }
    return { tree, batch, page, regulator, maker, wholesaler, pharmacy };
}

/** The level of a place as the program's argument. */
export const asArgument = ({ level, index }: PlaceInTree): provenance.Place => ({
    level: level as number as provenance.PackageLevel,
    index,
});

/** The record of a place, and those of case, pallet and batch above it where they are above. */
export async function nodesOf({ batch, tree }: Packs, place: PlaceInTree) {
    const nodes = new Map(
        await Promise.all(
            pathOf(tree.layout, place).map(
                async (one) => [one.level, await recordAddress(batch, 'node', one)] as const,
            ),
        ),
    );
    const above = (level: Level) => (level > place.level ? nodes.get(level) : undefined);
    return {
        node: await recordAddress(batch, 'node', place),
        caseAbove: above(Level.Case),
        palletAbove: above(Level.Pallet),
        batchAbove: above(Level.Batch),
    };
}

/** Offers something to another, to be accepted within an hour. `terms`: changes. */
export async function offer(
    packs: Packs,
    place: PlaceInTree,
    from: Partner,
    to: Partner,
    terms: Partial<provenance.ShipmentTermsLike> = {},
) {
    return provenance.getOfferShipmentInstructionAsync({
        ...(await nodesOf(packs, place)),
        ...(place.level === Level.Pack ? { page: packs.page } : {}),
        batch: packs.batch,
        operator: from.staff,
        operatorRecord: from.staffRecord,
        sender: from.address,
        credential: from.credential,
        recipient: to.address,
        recipientCredential: to.credential,
        shipment: await recordAddress(packs.batch, 'shipment', place),
        place: asArgument(place),
        terms: { acceptWithin: 3_600n, isSale: true, isReturn: false, documents: sha256(ascii('invoice')), ...terms },
    });
}

/** Accepts what is on offer, but for what is `refused`: places one level below it, which stay with the sender. */
export async function accept(
    packs: Packs,
    place: PlaceInTree,
    from: Partner,
    to: Partner,
    refused: readonly PlaceInTree[] = [],
): Promise<Instruction> {
    const instruction = await provenance.getAcceptShipmentInstructionAsync({
        ...(await nodesOf(packs, place)),
        batch: packs.batch,
        operator: to.staff,
        operatorRecord: to.staffRecord,
        recipient: to.address,
        credential: to.credential,
        shipment: await recordAddress(packs.batch, 'shipment', place),
        payer: from.staff.address,
        place: asArgument(place),
        refused: refused.map(({ index }) => index),
    });
    const records = await Promise.all(
        refused.map(async (one) => ({
            address: await recordAddress(packs.batch, 'node', one),
            role: AccountRole.WRITABLE,
        })),
    );
    return { ...instruction, accounts: [...instruction.accounts, ...records] };
}

/** Keeps a pack for a claim, for `seconds`. */
export async function reserve(packs: Packs, index: number, by: Partner, claim: Address, seconds: bigint) {
    return provenance.getReservePackInstructionAsync({ ...(await dispensing(packs, index, by)), claim, seconds });
}

/** Hands something over, both steps. */
export async function handOver(chain: Chain, packs: Packs, place: PlaceInTree, from: Partner, to: Partner) {
    await chain.send([await offer(packs, place, from, to)]);
    await chain.send([await accept(packs, place, from, to)]);
}

/** `dispense_pack` of a pack, by a partner. */
export async function dispense(packs: Packs, index: number, by: Partner) {
    return provenance.getDispensePackInstructionAsync({ ...(await dispensing(packs, index, by)), isHandedOut: false });
}

/** Takes units out of a pack at a partner. */
export async function fill(packs: Packs, index: number, by: Partner, units: number) {
    return provenance.getFillPackInstructionAsync({ ...(await dispensing(packs, index, by)), units });
}

/** The place of a pack. */
export const packAt = (index: number): PlaceInTree => ({ level: Level.Pack, index: BigInt(index) });

/** The records of a pack and of what it lies in, by the names of the instructions' accounts. */
export async function recordsOf({ batch, page, tree }: Packs, index: number) {
    const [packNode, caseNode, palletNode, batchNode] = await Promise.all(
        pathOf(tree.layout, packAt(index)).map((one) => recordAddress(batch, 'node', one)),
    );
    if (!packNode || !caseNode || !palletNode || !batchNode) throw new Error('a pack has four levels');
    return { batch, page, packNode, caseNode, palletNode, batchNode };
}

/** The accounts and the proof with which a partner dispenses a pack, or fills from it. */
export async function dispensing(packs: Packs, index: number, by: Partner) {
    return {
        ...(await recordsOf(packs, index)),
        operator: by.staff,
        operatorRecord: by.staffRecord,
        pharmacy: by.address,
        credential: by.credential,
        dispense: await recordAddress(packs.batch, 'dispense', packAt(index)),
        proof: packs.tree.proof(index),
    };
}

/** Undoes the dispense of a pack, by a partner; `payer` paid its rent. */
export async function undo(packs: Packs, index: number, by: Partner, payer: Address) {
    return undoAt(packs, packAt(index), by, payer);
}

/** Undoes the dispense of what is at a place: a pack, or a case or pallet as a whole. */
export async function undoAt(packs: Packs, place: PlaceInTree, by: Partner, payer: Address) {
    return provenance.getUndoDispenseInstructionAsync({
        ...(await nodesOf(packs, place)),
        ...(place.level === Level.Pack ? { page: packs.page } : {}),
        operator: by.staff,
        operatorRecord: by.staffRecord,
        pharmacy: by.address,
        batch: packs.batch,
        dispense: await recordAddress(packs.batch, 'dispense', place),
        payer,
        place: asArgument(place),
    });
}

/** What is recorded at a place. */
export async function readNode(chain: Chain, packs: Packs, place: PlaceInTree) {
    const node = await recordAddress(packs.batch, 'node', place);
    return (await provenance.fetchNode(chain.rpc, node, { commitment: 'confirmed' })).data;
}

/** What is recorded of the dispense at a place. */
export async function readDispense(chain: Chain, packs: Packs, place: PlaceInTree) {
    const record = await recordAddress(packs.batch, 'dispense', place);
    return (await provenance.fetchDispense(chain.rpc, record, { commitment: 'confirmed' })).data;
}

/** Whether the pack is marked as dispensed on its page. */
export async function isDispensed(chain: Chain, { page, tree }: Packs, index: number): Promise<boolean> {
    const data = await chain.data(page);
    if (data === undefined) throw new Error('the batch has no page');
    const height = tree.layout.reduce((sum, exponent) => sum + exponent, 0);
    return isMarked(data, height, BigInt(index));
}

/** Has an organisation do something with what is at a place. */
export async function setStatus(
    packs: Packs,
    place: PlaceInTree,
    by: Organization,
    action: provenance.StatusAction,
): Promise<Instruction> {
    return provenance.getSetStatusInstructionAsync({
        ...(await nodesOf(packs, place)),
        ...(place.level === Level.Pack ? { page: packs.page } : {}),
        operator: by.staff,
        operatorRecord: by.staffRecord,
        organization: by.address,
        batch: packs.batch,
        place: asArgument(place),
        action,
        reason: sha256(ascii('the reason')),
    });
}
