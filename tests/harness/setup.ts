// Before all flows: a validator that runs, both programs on it, the registry configured.
import type { TestProject } from 'vitest/node';

import type { Cluster } from './chain';
import { configureRegistry } from './configure';
import { deployPrograms } from './deploy';
import { canTravel, useValidator } from './validator';

declare module 'vitest' {
    interface ProvidedContext {
        cluster: Cluster;
    }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
    const validator = await useValidator();
    try {
        const cluster = {
            rpcUrl: validator.rpcUrl,
            wsUrl: validator.wsUrl,
            canTravel: await canTravel(validator.rpcUrl),
        };
        await deployPrograms(cluster);
        await configureRegistry(cluster);
        project.provide('cluster', cluster);
    } catch (error) {
        await validator.stop();
        throw error;
    }
    return () => validator.stop();
}
