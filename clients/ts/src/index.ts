// The TypeScript client of Galen's programs, for @solana/kit. `registry`, `claims`, `trials` and `provenance` are
// generated from the IDLs.
export * as claims from './generated/claims';
export * as provenance from './generated/provenance';
export * as registry from './generated/registry';
export * as trials from './generated/trials';
export * from './codes';
export * from './drafts';
export * from './errors';
export * from './events';
export * from './participants';
export * from './permissions';
export * from './places';
export * from './stated';
