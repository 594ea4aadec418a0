// The programs on the validator: with `galen deploy` where GALEN_BIN names the command line, else, on the project's own
// local validator, by writing them into its accounts.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Address } from '@solana/kit';

import { claims, provenance, registry, trials } from '../../clients/ts/src';
import { Chain, type Cluster, rpcCall, until } from './chain';
import { keyFileOf, roleSigner } from './keys';

const PROGRAMS: readonly { readonly name: string; readonly id: Address }[] = [
    { name: 'registry', id: registry.REGISTRY_PROGRAM_ADDRESS },
    { name: 'claims', id: claims.CLAIMS_PROGRAM_ADDRESS },
    { name: 'trials', id: trials.TRIALS_PROGRAM_ADDRESS },
    { name: 'provenance', id: provenance.PROVENANCE_PROGRAM_ADDRESS },
];
const DEPLOY_FOLDER = process.env.GALEN_PROGRAM_DIR ?? fileURLToPath(new URL('../../target/deploy', import.meta.url));
const CHUNK_BYTES = 100_000;

/** Puts on the validator what is not there yet, with the command line `cli` if there is one. Programs that are there stay as they are. */
export async function deployPrograms(
    cluster: Cluster,
    cli: string | null = process.env.GALEN_BIN ?? null,
): Promise<void> {
    const chain = await Chain.connect(cluster);
    const missing = [];
    for (const program of PROGRAMS) {
        if ((await chain.data(program.id)) === undefined) missing.push(program);
    }
    if (missing.length === 0) return;
    if (cli !== null) await deployWithCli(cli, chain);
    else if (cluster.canTravel) for (const program of missing) await writeProgram(cluster, program);
    else
        throw new Error(
            'the programs are not on this validator; deploy them with `galen deploy`, or name the binary `galen` in GALEN_BIN',
        );
    for (const { name, id } of missing) {
        await until(`the program ${name} on the validator`, async () => (await chain.data(id)) !== undefined);
    }
}

async function deployWithCli(cli: string, chain: Chain): Promise<void> {
    const deployer = await roleSigner('deployer');
    await chain.airdrop(deployer.address, 100);
    const folder = await mkdtemp(join(tmpdir(), 'galen-deployer-'));
    try {
        const keypair = join(folder, 'deployer.json');
        await writeFile(keypair, await keyFileOf('deployer'), { mode: 0o600 });
        const { rpcUrl, wsUrl } = chain.cluster;
        // These are the tests: nothing has been tested before them.
        const flags = [
            '--url',
            rpcUrl,
            '--ws',
            wsUrl,
            '--keypair',
            keypair,
            '--program-dir',
            DEPLOY_FOLDER,
            '--untested',
            '--yes',
        ];
        await promisify(execFile)(cli, ['deploy', ...flags], { timeout: 1_200_000 });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function writeProgram(cluster: Cluster, program: { name: string; id: Address }): Promise<void> {
    const file = join(DEPLOY_FOLDER, `${program.name}.so`);
    const bytes = await readFile(file).catch(() => {
        throw new Error(`${file} is missing. Build it with: cargo xtask build`);
    });
    const { address: authority } = await roleSigner('deployer');
    for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
        const chunk = bytes.subarray(offset, offset + CHUNK_BYTES).toString('hex');
        await rpcCall(cluster.rpcUrl, 'surfnet_writeProgram', [program.id, chunk, offset, authority]);
    }
}
