// Configures a cluster that the programs are deployed on, from a file: `npm run migrate -- --config FILE`.
//
// Each step looks at the cluster and does what is missing, so running it again does no harm and continues what was cut
// off. Nothing on the cluster that the file does not name is touched.
import { parseArgs } from 'node:util';

import { Cluster } from './cluster';
import { type Config, type Files, MigrationError, readConfig } from './config';
import { Report } from './report';
import { migrateAgreement, migratePool } from './steps/claims';
import { migratePlan } from './steps/plans';
import { migrateConfig, migrateOrganization } from './steps/registry';
import { migrateTrial } from './steps/trials';

const USAGE = `Usage: npm run migrate -- --config FILE [options]

Options:
  --config FILE                      what the cluster is to be; see migrations/config.example.json
  --output display|json              json prints one document on stdout
  --with-compute-unit-price MICRO    priority fee, in micro-lamports per compute unit
  --public-ledger-accepted           configure claims or trials on a public cluster; read docs/privacy.md first
  --help                             this

Exit codes: 0 done, 1 refused or failed, 2 the command line was not understood.`;

type Options = {
    readonly config: string;
    readonly json: boolean;
    readonly microLamports: bigint;
    readonly publicLedgerAccepted: boolean;
};

/** The command line, or what is wrong with it. */
function readOptions(): Options | 'help' | { readonly misunderstood: string } {
    try {
        const { values } = parseArgs({
            options: {
                config: { type: 'string' },
                output: { type: 'string', default: 'display' },
                'with-compute-unit-price': { type: 'string', default: '0' },
                'public-ledger-accepted': { type: 'boolean', default: false },
                help: { type: 'boolean', default: false },
            },
        });
        if (values.help) return 'help';
        if (values.config === undefined) return { misunderstood: '--config is missing' };
        if (values.output !== 'display' && values.output !== 'json')
            return { misunderstood: '--output takes display or json' };
        const price = values['with-compute-unit-price'];
        if (!/^\d{1,18}$/.test(price))
            return { misunderstood: '--with-compute-unit-price takes a number of micro-lamports' };
        return {
            config: values.config,
            json: values.output === 'json',
            microLamports: BigInt(price),
            publicLedgerAccepted: values['public-ledger-accepted'],
        };
    } catch (error) {
        return { misunderstood: (error as Error).message };
    }
}

async function migrate(options: Options, config: Config, files: Files, report: Report): Promise<void> {
    const cluster = new Cluster(config.cluster, await files.signer(config.payer), options.microLamports);
    await cluster.check(config, options.publicLedgerAccepted);
    await migrateConfig(cluster, config, files, report);
    const governance = await files.signer(config.registry.governance);
    const organizations = new Map<string, Awaited<ReturnType<typeof migrateOrganization>>>();
    for (const wanted of config.organizations)
        organizations.set(wanted.name, await migrateOrganization(cluster, wanted, governance, files, report));
    const pools = new Map<string, Awaited<ReturnType<typeof migratePool>>>();
    for (const wanted of config.pools)
        pools.set(wanted.name, await migratePool(cluster, wanted, named(organizations, wanted.insurer), files, report));
    for (const wanted of config.plans) await migratePlan(cluster, wanted, named(pools, wanted.pool), files, report);
    for (const wanted of config.agreements) {
        await migrateAgreement(
            cluster,
            wanted,
            named(pools, wanted.pool),
            named(organizations, wanted.provider),
            report,
        );
    }
    for (const wanted of config.trials)
        await migrateTrial(cluster, wanted, (name) => named(organizations, name), files, report);
}

/** What the configuration names; that it exists was checked when it was read. */
function named<T>(known: ReadonlyMap<string, T>, name: string): T {
    const found = known.get(name);
    if (found === undefined) throw new MigrationError('config_invalid', `there is no ${name} in the configuration`);
    return found;
}

function printError(error: unknown, json: boolean): void {
    const { code, message, at } =
        error instanceof MigrationError
            ? error
            : { code: 'unexpected', message: (error as Error).stack ?? String(error), at: undefined };
    if (json) console.log(JSON.stringify({ error: { code, message, ...(at === undefined ? {} : { at }) } }));
    else console.error(`error: ${message}`);
}

async function main(): Promise<number> {
    const options = readOptions();
    if (options === 'help') {
        console.log(USAGE);
        return 0;
    }
    if ('misunderstood' in options) {
        console.error(`error: ${options.misunderstood}\n\n${USAGE}`);
        return 2;
    }
    const report = new Report();
    try {
        const { config, files } = await readConfig(options.config);
        await migrate(options, config, files, report);
    } catch (error) {
        printError(error, options.json);
        return 1;
    }
    const done = report.steps.filter(({ outcome }) => outcome === 'done').length;
    if (options.json) console.log(JSON.stringify({ steps: report.steps, done, unchanged: report.steps.length - done }));
    else console.log(`${done} done, ${report.steps.length - done} unchanged`);
    return 0;
}

// The connection to the cluster's WebSocket would keep the process waiting.
process.exit(await main());
