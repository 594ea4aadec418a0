// Devices that read how warm goods are, and sign what they read.
import { createHash } from 'node:crypto';

import { type Instruction, type KeyPairSigner, getAddressEncoder, getI64Encoder, getU64Encoder } from '@solana/kit';

import { type PlaceInTree, provenance, recordAddress } from '../../clients/ts/src';
import { type Chain, until } from './chain';
import { type Packs, type Partner, asArgument, nodesOf } from './packs';
import { signedMessage } from './signed';

/** A place and the device that is to watch over it. */
export type Watched = { readonly packs: Packs; readonly place: PlaceInTree; readonly device: KeyPairSigner };

export const monitorOf = ({ packs, place }: Watched) => recordAddress(packs.batch, 'monitor', place);

/** What has been reported of the place. */
export async function readMonitor(chain: Chain, watched: Watched): Promise<provenance.Monitor> {
    return (await provenance.fetchMonitor(chain.rpc, await monitorOf(watched), { commitment: 'confirmed' })).data;
}

/** Registers the device, by who has the goods. */
export async function register(chain: Chain, watched: Watched, by: Partner): Promise<void> {
    const { packs, place, device } = watched;
    await chain.send([
        await provenance.getRegisterDeviceInstructionAsync({
            ...(await nodesOf(packs, place)),
            operator: by.staff,
            operatorRecord: by.staffRecord,
            organization: by.address,
            batch: packs.batch,
            monitor: await monitorOf(watched),
            place: asArgument(place),
            device: device.address,
        }),
    ]);
}

/** The bytes that the device signs: those of the program's `Report::message`. */
function messageOf({ packs, place, device }: Watched, report: provenance.ReportLike, registeredAt: bigint): Uint8Array {
    const hash = createHash('sha256');
    hash.update('galen readings');
    hash.update(getAddressEncoder().encode(packs.batch) as Uint8Array);
    hash.update(new Uint8Array([place.level]));
    hash.update(getU64Encoder().encode(place.index) as Uint8Array);
    hash.update(getAddressEncoder().encode(device.address) as Uint8Array);
    hash.update(getI64Encoder().encode(registeredAt) as Uint8Array);
    hash.update(provenance.getReportEncoder().encode(report) as Uint8Array);
    return new Uint8Array(hash.digest());
}

/**
 * The next report of the device, of readings of a second each in thousandths of a degree: the two instructions of its transaction.
 * `by` signs it, the device as a rule.
 */
export async function report(
    chain: Chain,
    watched: Watched,
    millicelsius: readonly number[],
    by: KeyPairSigner = watched.device,
): Promise<[Instruction, Instruction]> {
    const { sequence, head, coveredUntil, registeredAt } = await readMonitor(chain, watched);
    const next = {
        sequence: sequence + 1,
        previous: head,
        from: coveredUntil,
        readings: millicelsius.map((one) => ({ seconds: 1, millicelsius: one })),
    };
    // A device cannot have read what is yet to come.
    const end = coveredUntil + BigInt(millicelsius.length);
    await until('the readings to be over', async () => (await chain.now()) >= end);
    return [
        await signedMessage(by, messageOf(watched, next, registeredAt)),
        await provenance.getRecordReadingsInstructionAsync({
            ...(await nodesOf(watched.packs, watched.place)),
            batch: watched.packs.batch,
            monitor: await monitorOf(watched),
            place: asArgument(watched.place),
            report: next,
        }),
    ];
}
