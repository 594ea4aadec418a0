// Plans: created, then each version's schedule uploaded, sealed and published. An upload that was cut off is continued
// at the schedule's count; address and number of a schedule are those of `galen plan publish`, which can continue it too.
import {
    type Address,
    type KeyPairSigner,
    type Signature,
    createAddressWithSeed,
    getAddressEncoder,
    getU16Encoder,
} from '@solana/kit';
import { getCreateAccountWithSeedInstruction } from '@solana-program/system';

import { claims, sha256 } from '../../clients/ts/src';
import type { Cluster } from '../cluster';
import { type Files, MigrationError, type PlanConfig, daysOf } from '../config';
import { type CompiledPlan, compilePlan } from '../plan';
import type { Report } from '../report';
import { type Pool, staffAccounts } from './claims';

const ENTRY_BYTES = 32;
/** Entries that one legacy transaction holds with room to spare for a priority fee. */
const ENTRIES_PER_TRANSACTION = 24;
const VERSIONS_PER_PLAN = 16;
const confirmed = { commitment: 'confirmed' } as const;

/** A version as it is to be, with where the plan stands. */
type Publication = {
    readonly plan: Address;
    readonly pool: Pool;
    readonly compiled: CompiledPlan;
    readonly document: Uint8Array;
    readonly effectiveFrom: number;
};

/** Creates a plan and publishes those of its versions that are missing, in the order of their dates. */
export async function migratePlan(
    cluster: Cluster,
    wanted: PlanConfig,
    pool: Pool,
    files: Files,
    report: Report,
): Promise<void> {
    const [plan] = await claims.findPlanPda({ pool: pool.address, number: wanted.number });
    const name = `plan ${wanted.number} of ${wanted.pool}`;
    await report.step(name, plan, async () => {
        if ((await cluster.data(plan)) !== undefined) return [];
        return [
            await cluster.send([
                await claims.getCreatePlanInstructionAsync({ ...staffAccounts(pool), number: wanted.number }),
            ]),
        ];
    });
    const versions = [...wanted.versions].sort((a, b) => a.effectiveFrom.localeCompare(b.effectiveFrom));
    for (const version of versions) {
        const bytes = await files.bytes(version.document);
        const compiled = await compilePlan(
            await files.json(version.document),
            await files.codeKey(version.codeKey),
            version.document,
        );
        const publication = {
            plan,
            pool,
            compiled,
            document: await sha256(bytes),
            effectiveFrom: daysOf(version.effectiveFrom),
        };
        await report.step(`${name}: version from ${version.effectiveFrom}`, plan, () => publish(cluster, publication));
    }
}

async function publish(cluster: Cluster, publication: Publication): Promise<Signature[]> {
    const { plan, pool, effectiveFrom, document, compiled } = publication;
    const { data } = await claims.fetchPlan(cluster.rpc, plan, confirmed);
    const there = data.versions.find((version) => version.effectiveFrom === effectiveFrom);
    if (there !== undefined) {
        await mustBeOf(cluster, plan, there.version, document);
        return [];
    }
    const last = data.versions.at(-1);
    if (last !== undefined && last.effectiveFrom > effectiveFrom) {
        throw new MigrationError(
            'effective_date_not_later',
            `version ${last.version} begins later; a new version must begin after it`,
        );
    }
    if (last !== undefined && effectiveFrom <= (await cluster.today())) {
        throw new MigrationError(
            'effective_date_past',
            "a plan's second version and those after it begin tomorrow at the earliest; leave out those that came before the one in force",
        );
    }
    const number = (last?.version ?? 0) + 1;
    const { schedule, signatures } = await upload(
        cluster,
        pool,
        data.number * VERSIONS_PER_PLAN + number - 1,
        compiled.entries,
    );
    const [planVersion] = await claims.findPlanVersionPda({ plan, number });
    const previous =
        last === undefined
            ? {}
            : { previousVersion: (await claims.findPlanVersionPda({ plan, number: last.version }))[0] };
    const instruction = await claims.getPublishPlanVersionInstructionAsync({
        ...staffAccounts(pool),
        ...previous,
        plan,
        planVersion,
        schedule,
        admin: await cluster.admin(data.sequence),
        effectiveFrom,
        document,
        clocks: compiled.clocks,
        checks: compiled.checks,
        terms: compiled.terms,
    });
    return [...signatures, await cluster.send([instruction])];
}

async function mustBeOf(cluster: Cluster, plan: Address, number: number, document: Uint8Array): Promise<void> {
    const [address] = await claims.findPlanVersionPda({ plan, number });
    const { data } = await claims.fetchPlanVersion(cluster.rpc, address, confirmed);
    if (Buffer.compare(new Uint8Array(data.document), document) !== 0) {
        throw new MigrationError(
            'plan_version_differs',
            'is published from another document; a version never changes: publish this one from a later date',
        );
    }
}

/** Brings the schedule `number` of `pool` to hold exactly `entries`, sealed. */
async function upload(cluster: Cluster, pool: Pool, number: number, entries: claims.BenefitEntryLike[]) {
    const { schedule, seed } = await scheduleAddress(pool.operator.address, pool.address, number);
    const signatures: Signature[] = [];
    if ((await cluster.data(schedule)) === undefined)
        signatures.push(await open(cluster, pool, schedule, seed, number, entries.length));
    const encoder = claims.getBenefitEntryEncoder();
    const wanted = Buffer.concat(entries.map((entry) => new Uint8Array(encoder.encode(entry))));
    const digest = await sha256(wanted);
    const state = await read(cluster, schedule);
    const differs = new MigrationError(
        'schedule_differs',
        `the schedule ${schedule} holds other entries; was the code key another? Discard it with \`galen plan publish --restart\``,
    );
    if (
        Buffer.compare(state.entries, wanted.subarray(0, state.entries.length)) !== 0 ||
        state.capacity !== entries.length
    )
        throw differs;
    if (state.sealed) {
        if (state.count !== entries.length) throw differs;
        return { schedule, signatures };
    }
    for (let startIndex = state.count; startIndex < entries.length; startIndex += ENTRIES_PER_TRANSACTION) {
        const chunk = entries.slice(startIndex, startIndex + ENTRIES_PER_TRANSACTION);
        signatures.push(
            await cluster.send([
                claims.getAppendBenefitsInstruction({ opener: pool.operator, schedule, startIndex, entries: chunk }),
            ]),
        );
    }
    const seal = await claims.getSealScheduleInstructionAsync({
        ...staffAccounts(pool),
        schedule,
        count: entries.length,
        digest,
    });
    signatures.push(await cluster.send([seal]));
    return { schedule, signatures };
}

async function open(
    cluster: Cluster,
    pool: Pool,
    schedule: Address,
    seed: string,
    number: number,
    capacity: number,
): Promise<Signature> {
    const space = claims.getBenefitScheduleSize() + ENTRY_BYTES * capacity;
    const base: KeyPairSigner = pool.operator;
    return cluster.send([
        getCreateAccountWithSeedInstruction({
            payer: cluster.payer,
            newAccount: schedule,
            base: base.address,
            baseAccount: base,
            seed,
            amount: await cluster.rent(space),
            space,
            programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        }),
        await claims.getOpenScheduleInstructionAsync({ ...staffAccounts(pool), schedule, number }),
    ]);
}

/** Where `operator` uploads the schedule `number` of `pool`. */
async function scheduleAddress(
    operator: Address,
    pool: Address,
    number: number,
): Promise<{ schedule: Address; seed: string }> {
    const parts = [
        new TextEncoder().encode('galen benefit schedule'),
        getAddressEncoder().encode(pool),
        getU16Encoder().encode(number),
    ];
    const seed = Buffer.from(await sha256(parts.flatMap((part) => [...part])))
        .toString('hex')
        .slice(0, 32);
    const schedule = await createAddressWithSeed({
        baseAddress: operator,
        programAddress: claims.CLAIMS_PROGRAM_ADDRESS,
        seed,
    });
    return { schedule, seed };
}

async function read(cluster: Cluster, schedule: Address) {
    const data = await cluster.data(schedule);
    if (data === undefined)
        throw new MigrationError(
            'schedule_missing',
            `the schedule ${schedule} was opened and is gone; run the migration again`,
        );
    const { count, capacity, sealed } = claims.getBenefitScheduleDecoder().decode(data);
    const start = claims.getBenefitScheduleSize();
    return { count, capacity, sealed: sealed !== 0, entries: data.subarray(start, start + ENTRY_BYTES * count) };
}
