// Every instruction is sent by a flow, or stands below with the test that sends it in its place.
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

import { claims, provenance, registry, trials } from '../clients/ts/src';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** The instructions of each program, by the names that its client has for them. */
const PROGRAMS = {
    claims: names(claims.ClaimsInstruction),
    provenance: names(provenance.ProvenanceInstruction),
    registry: names(registry.RegistryInstruction),
    trials: names(trials.TrialsInstruction),
} as const;

/** A file that tests an instruction, and a word of it without which it would not. */
type Elsewhere = { readonly file: string; readonly word: string; readonly instructions: readonly string[] };

/** What no flow sends, and the test that sends it in its place. */
const ELSEWHERE: Readonly<Record<keyof typeof PROGRAMS, readonly Elsewhere[]>> = {
    claims: [],
    provenance: [
        // It takes the signature of a claim: the claims program calls it, whose own instruction the flow sends.
        { file: 'tests/flows/provenance-bond.test.ts', word: 'getRecoupClaim', instructions: ['RecoupPack'] },
    ],
    registry: [],
    trials: [],
};

function names(instructions: object): string[] {
    // An enumeration of TypeScript's names its numbers too.
    return Object.keys(instructions).filter((name) => !/^\d+$/.test(name));
}

async function sourcesOf(folder: string): Promise<string[]> {
    const files = (await readdir(`${REPOSITORY}/${folder}`)).filter((name) => name.endsWith('.ts'));
    return Promise.all(files.map((name) => readFile(`${REPOSITORY}/${folder}/${name}`, 'utf8')));
}

let source: string;
beforeAll(async () => {
    source = [...(await sourcesOf('tests/flows')), ...(await sourcesOf('tests/harness'))].join('\n');
});

describe.each(Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[])('each instruction of %s', (program) => {
    const elsewhere = ELSEWHERE[program].flatMap(({ instructions }) => instructions);
    const sent = () =>
        PROGRAMS[program].filter((name) => new RegExp(`\\b${program}\\.get${name}Instruction(Async)?\\(`).test(source));

    test('is sent by a flow, or by what is named here', () => {
        expect(PROGRAMS[program].length).toBeGreaterThan(10);
        const covered = new Set([...sent(), ...elsewhere]);
        expect(PROGRAMS[program].filter((name) => !covered.has(name))).toEqual([]);
    });

    test('is named here only if there is one, once, and no flow sends it', () => {
        expect(elsewhere.filter((name) => !PROGRAMS[program].includes(name))).toEqual([]);
        expect(elsewhere.filter((name, place) => elsewhere.indexOf(name) !== place)).toEqual([]);
        expect(sent().filter((name) => elsewhere.includes(name))).toEqual([]);
    });
});

test('what is named here is still in the test that is named for it', async () => {
    for (const { file, word } of Object.values(ELSEWHERE).flat()) {
        expect(await readFile(`${REPOSITORY}/${file}`, 'utf8'), `${file} and ${word}`).toContain(word);
    }
});
