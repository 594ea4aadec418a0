// The command line as people use it: each has a key and a store of their own in one folder.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Address, createKeyPairSignerFromPrivateKeyBytes, getAddressEncoder } from '@solana/kit';

import type { Chain } from './chain';
import { keyFileOf, randomBytes, roleSigner } from './keys';

/** What a command answered with `--output json`. */
export type Answer = { readonly exit: number; readonly document: unknown };

/** A folder of people and their files, for one file of flows. */
export class Galen {
    readonly #people = new Map<string, Address>();

    private constructor(
        readonly chain: Chain,
        readonly folder: string,
        readonly binary: string,
    ) {}

    /** An empty folder. The binary is the one that GALEN_BIN names. */
    static async create(chain: Chain): Promise<Galen> {
        const binary = process.env.GALEN_BIN;
        if (binary === undefined) {
            throw new Error('these flows run the command line: name the binary `galen` in GALEN_BIN');
        }
        return new Galen(chain, await mkdtemp(join(tmpdir(), 'galen-people-')), binary);
    }

    /** A person with a key and money for fees; the same one for the same name. `governance` is the run's own. */
    async person(name: string): Promise<Address> {
        const known = this.#people.get(name);
        if (known !== undefined) return known;
        const { address, file } = name === 'governance' ? await governance() : await stranger();
        await writeFile(this.path(`${name}.json`), file, { mode: 0o600 });
        await this.chain.fund([address], 10);
        this.#people.set(name, address);
        return address;
    }

    /** The path of a file in the folder. */
    path(name: string): string {
        return join(this.folder, name);
    }

    /** Writes a text, or a document as JSON; its path. */
    async write(name: string, content: unknown): Promise<string> {
        const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
        await writeFile(this.path(name), text);
        return this.path(name);
    }

    /** Runs a command as `who`; its exit code and the one document that it prints. */
    async answer(who: string, words: readonly string[]): Promise<Answer> {
        await this.person(who);
        const { rpcUrl, wsUrl } = this.chain.cluster;
        const own = ['--keypair', this.path(`${who}.json`), '--home', this.path(`${who}-store`)];
        const flags = ['--url', rpcUrl, '--ws', wsUrl, ...own, ...words, '--yes', '--output', 'json'];
        const env = { HOME: this.folder, PATH: process.env.PATH ?? '' };
        return new Promise((resolve, reject) => {
            execFile(this.binary, flags, { cwd: this.folder, env, timeout: 120_000 }, (error, stdout, stderr) => {
                const exit = error === null ? 0 : error.code;
                try {
                    if (typeof exit !== 'number') throw new Error('it did not end by itself');
                    resolve({ exit, document: JSON.parse(stdout) as unknown });
                } catch (cause) {
                    reject(new Error(`galen ${words.join(' ')}: ${stdout}\n${stderr}`, { cause }));
                }
            });
        });
    }

    /** Runs a command that must succeed; what it prints. */
    async run<T>(who: string, words: readonly string[]): Promise<T> {
        const { exit, document } = await this.answer(who, words);
        if (exit !== 0) throw new Error(`galen ${words.join(' ')}: ${JSON.stringify(document, undefined, 2)}`);
        return document as T;
    }

    /** Runs a command that must succeed; the address of the account that it made or changed. */
    async account(who: string, words: readonly string[]): Promise<string> {
        const { account } = await this.run<{ account: { address: string } }>(who, words);
        return account.address;
    }

    /** Deletes keys, stores and documents. */
    remove(): Promise<void> {
        return rm(this.folder, { recursive: true, force: true });
    }
}

type Key = { readonly address: Address; readonly file: string };

async function governance(): Promise<Key> {
    return { address: (await roleSigner('governance')).address, file: await keyFileOf('governance') };
}

async function stranger(): Promise<Key> {
    const seed = randomBytes(32);
    const { address } = await createKeyPairSignerFromPrivateKeyBytes(seed);
    return { address, file: JSON.stringify([...seed, ...getAddressEncoder().encode(address)]) };
}
