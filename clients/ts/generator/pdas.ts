// Program-derived addresses from the IDL's seeds. Codama's own reading leaves out every address with a seed inside an
// argument struct or an account (`args.claim_id`, `pool.insurer`), and names an address after the account's role in the
// instruction. Here an address is named after its first constant seed, which is different for each kind of account, and
// each seed after the last part of its path: `findClaimPda({ pool, provider, claimId })`. What Anchor 1.2.2 writes wrongly
// into the IDL, or not at all, is put right first (`correctedSeeds`).
import type {
    IdlV01,
    IdlV01Field,
    IdlV01InstructionAccount,
    IdlV01Seed,
    IdlV01Type,
    IdlV01TypeDef,
} from '@codama/nodes-from-anchor';
import { typeNodeFromAnchorV01 } from '@codama/nodes-from-anchor';
import { getBase58Decoder } from '@solana/kit';
import {
    type InstructionNode,
    type PdaNode,
    type PdaSeedNode,
    type PdaSeedValueNode,
    type ProgramNode,
    type TypeNode,
    accountNode,
    accountValueNode,
    argumentValueNode,
    camelCase,
    constantPdaSeedNodeFromBytes,
    instructionNode,
    instructionAccountNode,
    pdaLinkNode,
    pdaNode,
    pdaSeedValueNode,
    pdaValueNode,
    programIdValueNode,
    programNode,
    publicKeyTypeNode,
    variablePdaSeedNode,
} from 'codama';

type Instruction = IdlV01['instructions'][number];

/** An account of an instruction that the IDL gives seeds for. */
type Derived = { account: IdlV01InstructionAccount; seeds: IdlV01Seed[]; programId: string | undefined };

/** The IDL without seeds, for Codama to read; `withPdas` puts them in. */
export function withoutPdas(idl: IdlV01): IdlV01 {
    return {
        ...idl,
        instructions: idl.instructions.map((instruction) => ({
            ...instruction,
            accounts: instruction.accounts.map((account) =>
                'accounts' in account ? account : { ...account, pda: undefined },
            ),
        })),
    };
}

/** `program` with the PDAs of `idl`: as finders, as the addresses of accounts, and as defaults where they can be derived. */
export function withPdas(program: ProgramNode, idl: IdlV01): ProgramNode {
    const pdas = new Map<string, PdaNode>();
    for (const instruction of idl.instructions) {
        for (const derived of derivedAccounts(instruction, idl)) {
            const name = pdaName(derived);
            const pda = pdaOf(name, derived, instruction, idl);
            const known = pdas.get(name);
            if (known === undefined) pdas.set(name, pda);
            else if (shape(known) !== shape(pda)) {
                throw new Error(
                    `the IDL of ${idl.metadata.name} derives ${name} in two ways: ${shape(known)} and ${shape(pda)}`,
                );
            }
        }
    }
    const accounts = program.accounts.map((account) => {
        const pda = pdas.get(account.name);
        return pda === undefined || pda.programId !== undefined
            ? account
            : accountNode({ ...account, pda: pdaLinkNode(pda.name) });
    });
    const instructions = program.instructions.map((node) => {
        const instruction = idl.instructions.find(({ name }) => camelCase(name) === node.name);
        return instruction === undefined ? node : withDefaults(node, instruction, pdas, idl);
    });
    return programNode({ ...program, accounts, instructions, pdas: [...pdas.values()] });
}

function derivedAccounts(instruction: Instruction, idl: IdlV01): Derived[] {
    return instruction.accounts.flatMap((account) => {
        if ('accounts' in account) return [];
        const seeds = correctedSeeds(account, instruction, idl);
        const program = account.pda?.program;
        if (seeds === undefined || (program !== undefined && program.kind !== 'const')) return [];
        return [{ account, seeds, programId: program && getBase58Decoder().decode(new Uint8Array(program.value)) }];
    });
}

/** The account's seeds as the program means them. */
function correctedSeeds(
    account: IdlV01InstructionAccount,
    instruction: Instruction,
    idl: IdlV01,
): IdlV01Seed[] | undefined {
    // `#[event_cpi]` adds this account after the seeds of the others have been read.
    if (account.name === 'event_authority') return [{ kind: 'const', value: [...Buffer.from('__event_authority')] }];
    return account.pda?.seeds.map((seed, index, seeds): IdlV01Seed => {
        // `args.key` is cut to `args`: a last part `key` is taken for the method of an account.
        if (seed.kind === 'arg' && isStruct(instruction.args.find(({ name }) => name === seed.path)?.type, idl)) {
            return { kind: 'arg', path: `${seed.path}.key` };
        }
        // `plan.next_version()` is cut to `plan`: what a method answers cannot be said. It is the number of the version.
        const repeated =
            seeds.findIndex(
                (other) => other.kind === 'account' && seed.kind === 'account' && other.path === seed.path,
            ) < index;
        if (account.name === 'plan_version' && seed.kind === 'account' && repeated) {
            return { kind: 'account', path: 'plan_version.number', account: 'PlanVersion' };
        }
        if (account.name === 'details' && seed.kind === 'account' && repeated) {
            return { kind: 'account', path: 'details.number', account: 'PlanDetails' };
        }
        // `trial.load()?.sponsor` is cut to `trial`: a person is one of the sponsor's, whatever the trial.
        if (account.name === 'person' && seed.kind === 'account' && seed.path === 'trial') {
            return { kind: 'account', path: 'trial.sponsor', account: 'Trial' };
        }
        return seed;
    });
}

function isStruct(type: IdlV01Type | undefined, idl: IdlV01): boolean {
    if (typeof type !== 'object' || !('defined' in type)) return false;
    return (idl.types ?? []).find(({ name }) => name === type.defined.name)?.type.kind === 'struct';
}

/** The first seed where it is a constant word (`claim`, `__event_authority`), else the account's own name. */
function pdaName({ account, seeds }: Derived): string {
    const first = seeds[0];
    const word = first?.kind === 'const' ? Buffer.from(first.value).toString('latin1') : '';
    return camelCase(/^[a-z_]+$/.test(word) ? word : account.name);
}

function pdaOf(name: string, derived: Derived, instruction: Instruction, idl: IdlV01): PdaNode {
    const seeds = derived.seeds.map((seed): PdaSeedNode => {
        if (seed.kind === 'const')
            return constantPdaSeedNodeFromBytes('base58', getBase58Decoder().decode(new Uint8Array(seed.value)));
        return variablePdaSeedNode(seedName(seed), seedType(seed, instruction, idl));
    });
    return pdaNode({ name, programId: derived.programId, seeds });
}

function seedName(seed: Exclude<IdlV01Seed, { kind: 'const' }>): string {
    return camelCase(seed.path.split('.').at(-1) ?? seed.path);
}

function seedType(seed: Exclude<IdlV01Seed, { kind: 'const' }>, instruction: Instruction, idl: IdlV01): TypeNode {
    const [head, ...fields] = seed.path.split('.');
    if (seed.kind === 'account' && fields.length === 0) return publicKeyTypeNode();
    const start: IdlV01Type | undefined =
        seed.kind === 'arg'
            ? instruction.args.find(({ name }) => name === head)?.type
            : { defined: { name: seed.account ?? '' } };
    const type = fields.reduce<IdlV01Type | undefined>(
        (outer, field) => fieldType(outer, field, idl.types ?? []),
        start,
    );
    if (type === undefined)
        throw new Error(`${instruction.name}: the seed ${seed.path} is not an argument or a field of the IDL`);
    return typeNodeFromAnchorV01(type, { constArgs: {}, typeArgs: {}, types: {} });
}

function fieldType(outer: IdlV01Type | undefined, field: string, types: IdlV01TypeDef[]): IdlV01Type | undefined {
    if (typeof outer !== 'object' || !('defined' in outer)) return undefined;
    const definition = types.find(({ name }) => name === outer.defined.name)?.type;
    if (definition?.kind !== 'struct') return undefined;
    const found = (definition.fields ?? []).find(
        (one) => typeof one === 'object' && 'name' in one && one.name === field,
    );
    return (found as IdlV01Field | undefined)?.type;
}

/** Names and types of the seeds and the program: what two derivations of one kind of account must have in common. */
function shape(pda: PdaNode): string {
    const seeds = pda.seeds.map((seed) =>
        seed.kind === 'variablePdaSeedNode' ? seed.type.kind : JSON.stringify(seed.value),
    );
    return `[${[...seeds, pda.programId ?? 'own program'].join(', ')}]`;
}

/** `node` with each derived account defaulting to its address, where every seed is an account or argument of `node`. */
function withDefaults(
    node: InstructionNode,
    instruction: Instruction,
    pdas: Map<string, PdaNode>,
    idl: IdlV01,
): InstructionNode {
    const derived = derivedAccounts(instruction, idl);
    const accounts = node.accounts.map((account) => {
        // Anchor adds the program itself to the accounts of an instruction that emits events.
        if (account.name === 'program' && account.defaultValue === undefined) {
            return instructionAccountNode({ ...account, defaultValue: programIdValueNode() });
        }
        const own = derived.find((one) => camelCase(one.account.name) === account.name);
        const pda = own && pdas.get(pdaName(own));
        if (own === undefined || pda === undefined || account.isOptional) return account;
        const variables = pda.seeds.filter((seed) => seed.kind === 'variablePdaSeedNode');
        const given = own.seeds.filter((seed) => seed.kind !== 'const');
        const values = given.flatMap((seed, index): PdaSeedValueNode[] => {
            const value = seedValue(seed, node);
            const name = variables[index]?.name;
            return value === undefined || name === undefined ? [] : [pdaSeedValueNode(name, value)];
        });
        if (values.length !== variables.length) return account;
        return instructionAccountNode({ ...account, defaultValue: pdaValueNode(pdaLinkNode(pda.name), values) });
    });
    return instructionNode({ ...node, accounts });
}

function seedValue(
    seed: Exclude<IdlV01Seed, { kind: 'const' }>,
    node: InstructionNode,
): PdaSeedValueNode['value'] | undefined {
    const name = seedName(seed);
    if (seed.kind === 'account') {
        const account = seed.path.includes('.') ? undefined : node.accounts.find((one) => one.name === name);
        return account === undefined || account.isOptional ? undefined : accountValueNode(name);
    }
    return node.arguments.some((one) => one.name === name) ? argumentValueNode(name) : undefined;
}
