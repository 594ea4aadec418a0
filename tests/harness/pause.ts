// The registry's pause, for the flows that show what goes on meanwhile and what does not.
import { registry } from '../../clients/ts/src';
import type { Chain } from './chain';
import { roleSigner } from './keys';
import { adminArgs } from './organizations';

/** From the end of a pause until the guardian can begin another, with an hour to spare, in seconds. */
const COOL_DOWN = 73n * 3_600n;

async function readConfig(chain: Chain): Promise<registry.Config> {
    const [address] = await registry.findConfigPda();
    return (await registry.fetchConfig(chain.rpc, address, { commitment: 'confirmed' })).data;
}

/** Does something during a pause, which is over afterwards: it is everybody's. Only where the clock can be moved. */
export async function whilePaused(chain: Chain, action: () => Promise<void>): Promise<void> {
    const { pause } = await readConfig(chain);
    const waited = (await chain.now()) - pause.until;
    if (pause.until !== 0n && waited < COOL_DOWN) await chain.travel(Number(COOL_DOWN - waited));
    const adminNow = async () => adminArgs(chain, (await readConfig(chain)).sequence);
    await chain.send([
        await registry.getPauseInstructionAsync({
            guardian: await roleSigner('guardian'),
            admin: await adminNow(),
            duration: 3_600,
        }),
    ]);
    try {
        await action();
    } finally {
        await chain.send([
            await registry.getEndPauseInstructionAsync({
                governance: await roleSigner('governance'),
                admin: await adminNow(),
            }),
        ]);
    }
}
