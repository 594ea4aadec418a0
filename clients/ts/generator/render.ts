// From one Anchor IDL to one client folder: Codama renders accounts, instructions, types, PDAs and errors; the event
// table and the table of error names, which Codama's renderer does not know, are written beside them.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { renderVisitor } from '@codama/renderers-js';
import { type IdlV01, defaultVisitor, rootNodeFromAnchorWithoutDefaultVisitor } from '@codama/nodes-from-anchor';
import { type RootNode, rootNode, transformU8ArraysToBytesVisitor, visit } from 'codama';

import { errorNames } from './errors.js';
import { eventTable, eventTypes } from './events.js';
import { withPdas, withoutPdas } from './pdas.js';

/** Codama's reading of the IDL, with PDAs named after their own seeds and events kept as types. */
export function codamaRoot(idl: IdlV01): RootNode {
    const plain = rootNodeFromAnchorWithoutDefaultVisitor(withoutPdas(idl));
    const withEvents = rootNode({
        ...plain.program,
        definedTypes: [...plain.program.definedTypes, ...eventTypes(idl)],
    });
    const flattened = visit(withEvents, defaultVisitor()) as RootNode;
    const complete = rootNode(withPdas(flattened.program, idl));
    return visit(complete, transformU8ArraysToBytesVisitor()) as RootNode;
}

/** Renders the client of `idl` into `folder`, replacing what is there. */
export async function renderClient(idl: IdlV01, folder: string): Promise<void> {
    await visit(
        codamaRoot(idl),
        renderVisitor(folder, {
            deleteFolderBeforeRendering: true,
            formatCode: true,
            generatedFolder: '.',
            kitImportStrategy: 'preferRoot',
            // Codama's own `…Args` for what an encoder accepts would meet the programs' types of that name.
            nameTransformers: { dataArgsType: (name, { pascalCase }) => `${pascalCase(name)}Like` },
            prettierOptions: { printWidth: 120, singleQuote: true, tabWidth: 4 },
            syncPackageJson: false,
        }),
    );
    await writeFile(join(folder, 'events.ts'), eventTable(idl));
    await writeFile(join(folder, 'errorNames.ts'), errorNames(idl));
    await appendFile(join(folder, 'index.ts'), "export * from './errorNames';\nexport * from './events';\n");
}
