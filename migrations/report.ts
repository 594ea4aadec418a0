// What a migration did: told step by step on stderr while it happens, and once as JSON on stdout where that is wanted.
import type { Address, Signature } from '@solana/kit';

import { MigrationError } from './config';

export type Step = {
    readonly step: string;
    /** `unchanged`: the cluster was already so. */
    readonly outcome: 'done' | 'unchanged';
    readonly address: Address;
    readonly transactions: readonly Signature[];
};

export class Report {
    readonly steps: Step[] = [];

    /** Brings one thing about. `work` looks at the cluster, does what is missing, and answers with the transactions sent. */
    async step(name: string, address: Address, work: () => Promise<readonly Signature[]>): Promise<void> {
        try {
            const transactions = await work();
            const outcome = transactions.length === 0 ? 'unchanged' : 'done';
            this.steps.push({ step: name, outcome, address, transactions });
            process.stderr.write(`${outcome.padEnd(9)}  ${name}  ${address}\n`);
        } catch (error) {
            if (error instanceof MigrationError)
                throw new MigrationError(error.code, `${name}: ${error.message}`, error.at ?? name);
            throw error;
        }
    }
}
