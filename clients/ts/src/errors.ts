// Why a transaction was refused, by name: from the error that @solana/kit throws to the name in the program's source.
import {
    type Address,
    type Instruction,
    SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM,
    type SolanaError,
    isSolanaError,
} from '@solana/kit';

import { CLAIMS_PROGRAM_ADDRESS, claimsErrors } from './generated/claims';
import { PROVENANCE_PROGRAM_ADDRESS, provenanceErrors } from './generated/provenance';
import { REGISTRY_PROGRAM_ADDRESS, registryErrors } from './generated/registry';
import { TRIALS_PROGRAM_ADDRESS, trialsErrors } from './generated/trials';

/** A program's answer to an instruction that it refused. */
export type Refusal = {
    /** The program that refused, innermost where programs call each other; unknown without logs or instructions. */
    readonly program: Address | undefined;
    /** Its error number; none where the runtime refused (missing signature, privilege escalation, …). */
    readonly code: number | undefined;
    /** The error's name in the program's source, Anchor's name of the constraint, or the runtime's text. */
    readonly name: string;
    /** The sentence that says what to do, where there is one. */
    readonly message: string | undefined;
    /** Log lines of the transaction, where the node sent them. */
    readonly logs: readonly string[];
};

const ERRORS_BY_PROGRAM = new Map([
    [CLAIMS_PROGRAM_ADDRESS as Address, claimsErrors],
    [PROVENANCE_PROGRAM_ADDRESS as Address, provenanceErrors],
    [REGISTRY_PROGRAM_ADDRESS as Address, registryErrors],
    [TRIALS_PROGRAM_ADDRESS as Address, trialsErrors],
]);

/**
 * The refusal in `error`, as thrown by sending or simulating a transaction of `instructions`; undefined when it is about
 * something else (no connection, expired blockhash, …).
 */
export function refusalOf(error: unknown, instructions: readonly Instruction[] = []): Refusal | undefined {
    const causes = chain(error);
    const logs = causes.flatMap((one) => logsOf(one));
    const custom = causes.find((one): one is SolanaError<typeof SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM> =>
        isSolanaError(one, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM),
    );
    if (custom === undefined) {
        const runtime = causes.find(
            (one) => isSolanaError(one) && typeof (one.context as { index?: unknown }).index === 'number',
        );
        if (runtime === undefined) return undefined;
        return { program: undefined, code: undefined, name: (runtime as Error).message, message: undefined, logs };
    }
    const code = Number(custom.context.code);
    const program = failedProgram(logs) ?? instructions[custom.context.index]?.programAddress;
    const known = program === undefined ? undefined : ERRORS_BY_PROGRAM.get(program)?.get(code);
    const name = known?.name ?? anchorName(logs, code) ?? `custom program error ${code}`;
    return { program, code, name, message: known?.message, logs };
}

/** `error` and everything that caused it, outermost first. */
function chain(error: unknown): unknown[] {
    const causes: unknown[] = [];
    for (
        let one = error;
        one !== undefined && one !== null && !causes.includes(one);
        one = (one as { cause?: unknown }).cause
    ) {
        causes.push(one);
    }
    return causes;
}

function logsOf(error: unknown): readonly string[] {
    if (!isSolanaError(error)) return [];
    const { logs } = error.context as { logs?: unknown };
    return Array.isArray(logs) ? logs.filter((line): line is string => typeof line === 'string') : [];
}

/** The program whose failure is logged first: the innermost one. */
function failedProgram(logs: readonly string[]): Address | undefined {
    for (const line of logs) {
        const failed = /^Program (\S+) failed: custom program error/.exec(line);
        if (failed?.[1] !== undefined) return failed[1] as Address;
    }
    return undefined;
}

/** Anchor's own errors (constraints, account checks) have names in the log only. */
function anchorName(logs: readonly string[], code: number): string | undefined {
    for (const line of logs) {
        const logged = /Error Code: (\w+)\. Error Number: (\d+)\./.exec(line);
        if (logged !== null && Number(logged[2]) === code) return logged[1];
    }
    return undefined;
}
