// A cluster is configured from a file; killed in the middle it goes on, done it has nothing to do.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Address, type KeyPairSigner, createKeyPairSignerFromBytes, getAddressEncoder } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { claims, registry, trials } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Pool, enrolMember, readPool, submitClaim } from '../harness/insurance';
import { keyFileOf, randomBytes, roleSigner } from '../harness/keys';
import { type TestMint, createMint, tokenAccount } from '../harness/tokens';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
const CODES = 100;
const confirmed = { commitment: 'confirmed' } as const;

/** More milestones than one transaction holds. */
const SCHEDULE = {
    bonus: 500,
    reimbursements: 5_000,
    adherence: { window_days: 7, windows: 4, doses: 7, threshold_bps: 8_000 },
    milestones: Array.from({ length: 40 }, (_, index) => ({
        kind: 'visit',
        stipend: 100 + index,
        opens: index,
        closes: index + 3,
        counts: true,
    })),
};

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Outcome = {
    steps: { step: string; outcome: string; address: Address; transactions: string[] }[];
    done: number;
    unchanged: number;
};

let chain: Chain;
let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
    chain = await connect();
    folder = await mkdtemp(join(tmpdir(), 'galen-migration-'));
    await mkdir(join(folder, 'keys'));
});
afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
});

/** Runs the migration; kills it outright as soon as `killWhen` holds for what it has said on stderr. */
function run(config: string, flags: string[] = [], killWhen: (stderr: string) => boolean = () => false): Promise<Run> {
    const child = spawn(
        process.execPath,
        ['--import', 'tsx', 'migrations/deploy.ts', '--config', config, '--output', 'json', ...flags],
        { cwd: REPOSITORY },
    );
    children.push(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        if (killWhen(stderr)) child.kill('SIGKILL');
    });
    return new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
}

/** A key file in the folder, with a key of its own. */
async function makeKey(name: string): Promise<KeyPairSigner> {
    const seed = randomBytes(32);
    const pkcs8 = new Uint8Array([...Buffer.from('302e020100300506032b657004220420', 'hex'), ...seed]);
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
    const { x } = await crypto.subtle.exportKey('jwk', privateKey);
    const bytes = new Uint8Array([...seed, ...Buffer.from(x ?? '', 'base64url')]);
    await writeFile(join(folder, 'keys', `${name}.json`), JSON.stringify([...bytes]));
    return createKeyPairSignerFromBytes(bytes);
}

/** A complete configuration for this run's cluster in the folder; every call makes new organisations. */
async function writeConfig() {
    for (const role of ['deployer', 'governance'] as const)
        await writeFile(join(folder, 'keys', `${role}.json`), await keyFileOf(role));
    const [payer, insurer, staff, clinic, clerk] = [
        await makeKey('payer'),
        await makeKey('insurer'),
        await makeKey('staff'),
        await makeKey('clinic'),
        await makeKey('clerk'),
    ];
    await makeKey('sponsor');
    await makeKey('board');
    const [manager, overseer] = [await makeKey('manager'), await makeKey('overseer')];
    await chain.fund([payer.address, staff.address, clerk.address, manager.address], 2);
    await writeFile(join(folder, 'schedule.json'), JSON.stringify(SCHEDULE));
    const mint = await createMint(chain);
    const codeKey = randomBytes(32);
    await writeFile(join(folder, 'keys/code-key.hex'), Buffer.from(codeKey).toString('hex'));
    const benefits = Array.from({ length: CODES }, (_, index) => ({
        code: String(30_000 + index),
        allowed: 1_000 + index,
    }));
    await writeFile(join(folder, 'plan.json'), JSON.stringify({ coinsurance_bps: 1_000, benefits }));
    const config = {
        cluster: { rpc: chain.cluster.rpcUrl, ws: chain.cluster.wsUrl },
        payer: 'keys/payer.json',
        registry: {
            upgradeAuthority: 'keys/deployer.json',
            governance: 'keys/governance.json',
            guardian: (await roleSigner('guardian')).address,
        },
        organizations: [
            {
                name: 'insurer',
                authority: 'keys/insurer.json',
                kind: 'Insurer',
                identifier: { scheme: 'Lei', value: '5493001KJTIIGC8Y1R12' },
                operators: [
                    {
                        key: staff.address,
                        permissions: ['ManagePool', 'PublishPlan', 'EnrolMember', 'ManageAgreement'],
                        expires: '2099-12-31',
                    },
                ],
            },
            {
                name: 'clinic',
                authority: 'keys/clinic.json',
                kind: 'Provider',
                identifier: { scheme: 'Npi', value: '1234567893' },
                operators: [{ key: clerk.address, permissions: ['SubmitClaim'], expires: '2099-12-31' }],
            },
            {
                name: 'sponsor',
                authority: 'keys/sponsor.json',
                kind: 'Sponsor',
                identifier: { scheme: 'Lei', value: '9845GALENSPONSOR0095' },
                operators: [{ key: manager.address, permissions: ['ManageTrial'], expires: '2099-12-31' }],
            },
            {
                name: 'board',
                authority: 'keys/board.json',
                kind: 'EthicsBoard',
                identifier: { scheme: 'Other', value: 'IRB00004711' },
                operators: [{ key: overseer.address, permissions: ['OverseeTrial'], expires: '2099-12-31' }],
            },
        ],
        pools: [{ name: 'main', insurer: 'insurer', operator: 'keys/staff.json', mint: mint.address, number: 1 }],
        plans: [
            {
                pool: 'main',
                number: 1,
                versions: [{ effectiveFrom: '2026-01-01', document: 'plan.json', codeKey: 'keys/code-key.hex' }],
            },
        ],
        agreements: [{ pool: 'main', provider: 'clinic', limitPerClaim: 100_000, limitPerDay: null }],
        trials: [
            {
                name: 'first',
                sponsor: 'sponsor',
                board: 'board',
                operator: 'keys/manager.json',
                mint: mint.address,
                number: 1,
                caps: {
                    operator: 'keys/overseer.json',
                    perVisit: 10_000 as number | null,
                    perParticipant: null,
                    perMonth: null,
                    bonusShareBps: 2_000,
                },
                schedules: ['schedule.json'],
                sites: [{ organization: 'clinic', holdbackBps: 500 }],
            },
        ],
    };
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify(config));
    return { path, config, insurer, staff, clinic, clerk, mint, codeKey };
}

async function organizationOf({ address }: KeyPairSigner): Promise<Address> {
    return (await registry.findOrganizationPda({ id: address }))[0];
}

async function outcomeOf(running: Promise<Run>): Promise<Outcome> {
    const { code, stdout, stderr } = await running;
    expect(code, stderr + stdout).toBe(0);
    return JSON.parse(stdout) as Outcome;
}

async function errorOf(running: Promise<Run>): Promise<{ code: string; message: string; at?: string }> {
    const { code, stdout } = await running;
    expect(code).toBe(1);
    return (JSON.parse(stdout) as { error: { code: string; message: string; at?: string } }).error;
}

describe('a migration', () => {
    test('that is killed again and again ends as if it had not been, does nothing twice, and what it set up works', async () => {
        const made = await writeConfig();
        const doneLines = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('done')).length;
        for (let kill = 0; kill < 3; kill += 1) {
            const { code } = await run(made.path, [], (stderr) => doneLines(stderr) >= 2);
            expect(code, 'it was done before it could be killed').toBeNull();
        }
        const finished = await outcomeOf(run(made.path));
        expect(finished.done).toBeGreaterThan(0);
        expect(finished.unchanged).toBeGreaterThanOrEqual(6);
        const addresses = finished.steps.map(({ address }) => address);
        const before = await Promise.all(addresses.map((address) => chain.data(address)));

        const again = await outcomeOf(run(made.path));
        expect(again).toMatchObject({ done: 0, unchanged: finished.steps.length });
        expect(await Promise.all(addresses.map((address) => chain.data(address)))).toEqual(before);

        await payAClaim(made);
        const trial = finished.steps.find(({ step }) => step === 'trial first')?.address;
        const { data } = await trials.fetchTrial(chain.rpc, trial!, confirmed);
        expect(data).toMatchObject({ capsVersion: 1, schedules: 1, attestDays: 30 });
        const [schedule] = await trials.findSchedulePda({ trial: trial!, number: 1 });
        expect((await trials.fetchSchedule(chain.rpc, schedule, confirmed)).data).toMatchObject({
            sealed: 1,
            count: SCHEDULE.milestones.length,
            bonus: 500n,
            adherence: { windowDays: 7, windows: 4, doses: 7, thresholdBps: 8_000 },
        });
        const [site] = await trials.findSitePda({ trial: trial!, organization: await organizationOf(made.clinic) });
        expect((await trials.fetchSite(chain.rpc, site, confirmed)).data).toMatchObject({
            accepted: 1,
            holdbackBps: 500,
        });
    });

    test('sets new caps of a trial, and refuses to change what never changes', async () => {
        const made = await writeConfig();
        await outcomeOf(run(made.path));
        const [trial] = made.config.trials;
        trial!.caps.perVisit = null;
        await writeFile(made.path, JSON.stringify(made.config));
        expect(await outcomeOf(run(made.path))).toMatchObject({ done: 1 });
        await writeFile(join(folder, 'schedule.json'), JSON.stringify({ ...SCHEDULE, reimbursements: 1 }));
        expect((await errorOf(run(made.path))).code).toBe('schedule_differs');
        const moreDoses = { ...SCHEDULE, adherence: { ...SCHEDULE.adherence, threshold_bps: 9_000 } };
        await writeFile(join(folder, 'schedule.json'), JSON.stringify(moreDoses));
        expect((await errorOf(run(made.path))).code).toBe('schedule_differs');
        await writeFile(join(folder, 'schedule.json'), JSON.stringify({ ...SCHEDULE, bonus: 0 }));
        expect(await errorOf(run(made.path))).toMatchObject({ code: 'schedule_invalid', at: 'adherence' });
        await writeFile(join(folder, 'schedule.json'), JSON.stringify({ milestones: [] }));
        expect((await errorOf(run(made.path))).code).toBe('schedule_invalid');
        trial!.sites[0]!.holdbackBps = 1_000;
        trial!.schedules = [];
        await writeFile(made.path, JSON.stringify(made.config));
        expect((await errorOf(run(made.path))).code).toBe('site_differs');
        trial!.sponsor = 'nobody';
        await writeFile(made.path, JSON.stringify(made.config));
        expect(await errorOf(run(made.path))).toMatchObject({ code: 'config_invalid', at: 'trials[0].sponsor' });
    });

    test('that is killed in the middle of an upload continues it', async () => {
        const made = await writeConfig();
        const pool = await poolOf(made);
        await run(made.path, [], (stderr) => /done +plan 1 of main  /.test(stderr));
        const [plan] = await claims.findPlanPda({ pool: pool.address, number: 1 });
        expect((await claims.fetchPlan(chain.rpc, plan, confirmed)).data.versions).toEqual([]);
        const finished = await outcomeOf(run(made.path));
        const upload = finished.steps.find(({ step }) => step.includes('version from'));
        expect(upload?.outcome).toBe('done');
        const [planVersion] = await claims.findPlanVersionPda({ plan, number: 1 });
        const { data: version } = await claims.fetchPlanVersion(chain.rpc, planVersion, confirmed);
        const { data: schedule } = await claims.fetchBenefitSchedule(chain.rpc, version.schedule, confirmed);
        expect(schedule).toMatchObject({ count: CODES, capacity: CODES, sealed: 1, pool: pool.address });
    });

    test('brings up to date what may change, and refuses by name what never does', async () => {
        const made = await writeConfig();
        await outcomeOf(run(made.path));
        const [agreement, insurer] = [made.config.agreements[0], made.config.organizations[0]];
        if (agreement === undefined || insurer?.operators[0] === undefined)
            throw new Error('the configuration lacks its parts');
        agreement.limitPerClaim = 5_000;
        insurer.operators[0].permissions.push('DecideClaim');
        await writeFile(made.path, JSON.stringify(made.config));
        const updated = await outcomeOf(run(made.path));
        expect(updated.steps.filter(({ outcome }) => outcome === 'done').map(({ step }) => step)).toEqual([
            `organisation insurer: operator ${made.staff.address}`,
            'agreement of main with clinic: offered',
        ]);
        const address = updated.steps.find(({ step }) => step.startsWith('agreement'))?.address as Address;
        expect((await claims.fetchAgreement(chain.rpc, address, confirmed)).data.terms.limitPerClaim).toBe(5_000n);

        await writeFile(
            join(folder, 'plan.json'),
            (await readFile(join(folder, 'plan.json'), 'utf8')).replace('1000,', '2000,'),
        );
        expect(await errorOf(run(made.path))).toMatchObject({ code: 'plan_version_differs' });
        insurer.kind = 'Sponsor';
        await writeFile(made.path, JSON.stringify(made.config));
        expect(await errorOf(run(made.path))).toMatchObject({ code: 'organization_differs' });
    });

    test.each([
        ['a field that does not exist', (config: { payer: string }) => ({ ...config, payre: 1 }), 'config_invalid', ''],
        [
            'a name that nothing has',
            (config: { pools: object[] }) => ({
                ...config,
                pools: config.pools.map((pool) => ({ ...pool, insurer: 'nobody' })),
            }),
            'config_invalid',
            'pools[0].insurer',
        ],
        [
            'a date that does not exist',
            (config: { plans: object[] }) => ({
                ...config,
                plans: [
                    {
                        pool: 'main',
                        number: 1,
                        versions: [
                            { effectiveFrom: '2026-02-30', document: 'plan.json', codeKey: 'keys/code-key.hex' },
                        ],
                    },
                ],
            }),
            'config_invalid',
            'plans[0].versions[0].effectiveFrom',
        ],
        [
            'another cluster',
            (config: { cluster: object }) => ({ ...config, cluster: { ...config.cluster, genesisHash: MAINNET } }),
            'wrong_cluster',
            'cluster.genesisHash',
        ],
        [
            'a key file that is not there',
            (config: { payer: string }) => ({ ...config, payer: 'keys/nobody.json' }),
            'file_unreadable',
            'keys/nobody.json',
        ],
    ])('is refused with %s, and nothing changes', async (_, change, code, at) => {
        const made = await writeConfig();
        await writeFile(made.path, JSON.stringify(change(made.config as never)));
        expect(await errorOf(run(made.path))).toMatchObject({ code, at });
        const [organization] = await registry.findOrganizationPda({ id: made.insurer.address });
        expect(await chain.data(organization)).toBeUndefined();
    });
});

describe('on a public cluster', () => {
    let server: Server;
    let url: string;
    const asked: string[] = [];
    beforeAll(async () => {
        server = createServer((request, response) => {
            let body = '';
            request.on('data', (part: Buffer) => (body += part.toString()));
            request.on('end', () => {
                const { id, method } = JSON.parse(body) as { id: unknown; method: string };
                asked.push(method);
                const answer =
                    method === 'getGenesisHash'
                        ? { result: MAINNET }
                        : { error: { code: -32000, message: 'not here' } };
                response
                    .setHeader('content-type', 'application/json')
                    .end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
            });
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

    test('claims are not configured unless the user insists', async () => {
        const made = await writeConfig();
        await writeFile(made.path, JSON.stringify({ ...made.config, cluster: { rpc: url } }));
        const refused = await errorOf(run(made.path));
        expect(refused.code).toBe('public_ledger');
        expect(refused.message).toContain('docs/privacy.md');
        expect(asked).toEqual(['getGenesisHash']);
        // Insisting leads on to the next question, which this server does not answer.
        expect((await errorOf(run(made.path, ['--public-ledger-accepted']))).code).not.toBe('public_ledger');
        expect(asked.length).toBeGreaterThan(2);
    });
});

async function poolOf({ insurer, mint }: { insurer: KeyPairSigner; mint: TestMint }) {
    const [organization] = await registry.findOrganizationPda({ id: insurer.address });
    const [address] = await claims.findPoolPda({ insurer: organization, mint: mint.address, number: 1 });
    return { organization, address };
}

/** Plays one claim on what the migration has set up. */
async function payAClaim({
    insurer,
    staff,
    clinic,
    clerk,
    mint,
    codeKey,
}: Awaited<ReturnType<typeof writeConfig>>): Promise<void> {
    const { organization, address } = await poolOf({ insurer, mint });
    const record = async (of: Address, key: Address) => (await registry.findOperatorPda({ organization: of, key }))[0];
    const [vault] = await claims.findVaultPda({ pool: address });
    const pool: Pool = {
        insurer: {
            address: organization,
            authority: insurer,
            staff,
            staffRecord: await record(organization, staff.address),
        },
        mint,
        number: 1,
        address,
        vault,
        desk: staff,
        codeKey,
    };
    const funder = await tokenAccount(chain, mint, chain.payer.address, 10_000n);
    await chain.send([
        await claims.getFundPoolInstructionAsync({
            funder: chain.payer,
            source: funder,
            pool: address,
            vault,
            mint: mint.address,
            amount: 10_000n,
        }),
    ]);

    const [plan] = await claims.findPlanPda({ pool: address, number: 1 });
    const [version] = await claims.findPlanVersionPda({ plan, number: 1 });
    const { data: terms } = await claims.fetchPlanVersion(chain.rpc, version, confirmed);
    const published = { address: plan, version, schedule: terms.schedule, effectiveFrom: terms.effectiveFrom };
    const member = await enrolMember(chain, pool, published);

    const [provider] = await registry.findOrganizationPda({ id: clinic.address });
    const [agreement] = await claims.findAgreementPda({ pool: address, provider });
    const { data: agreed } = await claims.fetchAgreement(chain.rpc, agreement, confirmed);
    const clinicStaff = {
        address: provider,
        authority: clinic,
        staff: clerk,
        staffRecord: await record(provider, clerk.address),
    };
    const insurance = {
        pool,
        plan: published,
        member,
        provider: { organization: clinicStaff, agreement, payout: agreed.payout },
    };
    const { data } = await submitClaim(chain, insurance, { lines: [{ code: '30050', charge: 2_000n }] });
    // 1050 allowed, of which the member owes a tenth.
    expect(data).toMatchObject({ status: claims.ClaimStatus.Paid, totals: { allowed: 1_050n, paid: 945n } });
    expect((await readPool(chain, pool)).paid).toBe(945n);
    expect(getAddressEncoder().encode(agreed.payout)).toHaveLength(32);
}
