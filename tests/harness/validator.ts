// The validator of a test run: the one that the environment names, else one that is started here and stopped afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { rpcCall, until } from './chain';

export type Validator = {
    readonly rpcUrl: string;
    readonly wsUrl: string;
    /** Stops the validator if it was started here. */
    stop(): Promise<void>;
};

/** Looks at `GALEN_RPC_URL` and `GALEN_WS_URL` first, then for the `galen-localnet` binary. */
export async function useValidator(): Promise<Validator> {
    const rpcUrl = process.env.GALEN_RPC_URL;
    if (rpcUrl !== undefined) {
        const wsUrl = process.env.GALEN_WS_URL ?? websocketBeside(rpcUrl);
        await healthy(rpcUrl, 30);
        return { rpcUrl, wsUrl, stop: async () => {} };
    }
    return ownValidator();
}

/** A local validator that is nobody else's, whatever the environment names. */
export function ownValidator(): Promise<Validator> {
    return startLocalnet(localnetBinary());
}

/** Whether the validator's clock can be moved: `surfnet_timeTravel` exists. */
export async function canTravel(rpcUrl: string): Promise<boolean> {
    return rpcCall(rpcUrl, 'surfnet_getSurfnetInfo', []).then(
        () => true,
        () => false,
    );
}

/** By convention a validator's WebSocket listens one port above its JSON-RPC. */
function websocketBeside(rpcUrl: string): string {
    const url = new URL(rpcUrl);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (url.port !== '') url.port = String(Number(url.port) + 1);
    return url.toString();
}

function localnetBinary(): string {
    const named = process.env.GALEN_LOCALNET;
    if (named !== undefined) return named;
    const cache = process.env.GALEN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'galen');
    const folder = join(cache, 'localnet');
    const builds = existsSync(folder) ? readdirSync(folder) : [];
    // One folder for each version of the validator's sources; the one built last is the one in use.
    const [found] = builds
        .map((build) => join(folder, build, 'galen-localnet'))
        .filter((path) => existsSync(path))
        .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    if (found === undefined) {
        throw new Error(
            'no validator: start one and set GALEN_RPC_URL (and GALEN_WS_URL), name a galen-localnet binary in ' +
                'GALEN_LOCALNET, or build it with: cargo xtask setup',
        );
    }
    return found;
}

/** A port that was free a moment ago can be anybody's now: so often are others tried. */
const ATTEMPTS = 10;

async function startLocalnet(binary: string): Promise<Validator> {
    for (let attempt = 1; ; attempt++) {
        const [rpcPort, wsPort] = [await freePort(), await freePort()];
        const child = spawn(binary, ['--port', String(rpcPort), '--ws-port', String(wsPort)], {
            stdio: ['ignore', 'ignore', 'pipe'],
        });
        let complaint = '';
        child.stderr?.setEncoding('utf8').on('data', (text: string) => {
            complaint = (complaint + text).slice(-4000);
        });
        const rpcUrl = `http://127.0.0.1:${rpcPort}`;
        try {
            await Promise.race([healthy(rpcUrl, 60), died(child)]);
            return { rpcUrl, wsUrl: `ws://127.0.0.1:${wsPort}`, stop: () => stop(child) };
        } catch (error) {
            const portTaken = child.exitCode !== null && complaint.includes('is taken');
            child.kill('SIGKILL');
            if (portTaken && attempt < ATTEMPTS) continue;
            throw new Error(`${binary} did not come up: ${(error as Error).message}\n${complaint}`);
        }
    }
}

async function healthy(rpcUrl: string, seconds: number): Promise<void> {
    const answers = async () => (await rpcCall<string>(rpcUrl, 'getHealth', []).catch(() => 'silent')) === 'ok';
    await until(`the validator at ${rpcUrl} to be healthy`, answers, seconds);
}

function died(child: ChildProcess): Promise<never> {
    return new Promise((_, reject) => {
        child.once('error', reject);
        child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
    });
}

/** Asks the process to end, and ends it after five seconds. */
async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
}

function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            server.close(() =>
                address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
            );
        });
    });
}
