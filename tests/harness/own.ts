// A validator of a flow's own, for flows that move the clock by years: those of the other flows' keys and credentials would be over.
import { Chain } from './chain';
import { configureRegistry } from './configure';
import { deployPrograms } from './deploy';
import { ownValidator } from './validator';

/** A chain that nobody else is on; to be stopped afterwards. */
export async function startOwn(): Promise<{ chain: Chain; stop: () => Promise<void> }> {
    const validator = await ownValidator();
    try {
        const cluster = { rpcUrl: validator.rpcUrl, wsUrl: validator.wsUrl, canTravel: true };
        // Written by the validator's own call: what `galen deploy` does is shown on the validator of the other flows.
        await deployPrograms(cluster, null);
        await configureRegistry(cluster);
        return { chain: await Chain.connect(cluster), stop: () => validator.stop() };
    } catch (error) {
        await validator.stop();
        throw error;
    }
}
