//! The code systems and identifier systems of the documents that Galen writes.

/// FHIR's adjudication categories.
pub const ADJUDICATION: &str = "http://terminology.hl7.org/CodeSystem/adjudication";
/// CARIN Blue Button's adjudication categories.
pub const CARIN_ADJUDICATION: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication";
/// X12 claim adjustment group codes.
pub const ADJUSTMENT_GROUPS: &str = "https://x12.org/codes/claim-adjustment-group-codes";
/// X12 claim adjustment reason codes (CARC).
pub const ADJUSTMENT_REASONS: &str = "https://x12.org/codes/claim-adjustment-reason-codes";
/// X12 remittance advice remark codes (RARC).
pub const REMARKS: &str = "https://x12.org/codes/remittance-advice-remark-codes";
/// FHIR's types of claims.
pub const CLAIM_TYPE: &str = "http://terminology.hl7.org/CodeSystem/claim-type";
/// FHIR's types of payments.
pub const PAYMENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/ex-paymenttype";
/// FHIR's categories of benefits.
pub const BENEFIT_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/ex-benefitcategory";
/// FHIR's types of benefits.
pub const BENEFIT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/benefit-type";
/// FHIR's units of benefits: for whom.
pub const BENEFIT_UNIT: &str = "http://terminology.hl7.org/CodeSystem/benefit-unit";
/// FHIR's terms of benefits: for how long.
pub const BENEFIT_TERM: &str = "http://terminology.hl7.org/CodeSystem/benefit-term";
/// FHIR's networks of benefits.
pub const BENEFIT_NETWORK: &str = "http://terminology.hl7.org/CodeSystem/benefit-network";
/// FHIR's categories of supporting information.
pub const INFORMATION_CATEGORY: &str =
    "http://terminology.hl7.org/CodeSystem/claiminformationcategory";
/// ICD-10-CM, the diagnoses of claims in the United States.
pub const ICD_10_CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
/// HCPCS Level II, published by CMS.
pub const HCPCS: &str = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
/// HCPCS Level I, which is the CPT of the American Medical Association.
pub const CPT: &str = "http://www.ama-assn.org/go/cpt";
/// CMS place of service codes, as CARIN Blue Button names them.
pub const PLACE_OF_SERVICE: &str =
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set";
/// NUCC health care provider taxonomy.
pub const PROVIDER_TAXONOMY: &str = "http://nucc.org/provider-taxonomy";
/// National Provider Identifiers.
pub const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
/// Global Location Numbers.
pub const GLN: &str = "https://www.gs1.org/gln";
/// Legal Entity Identifiers.
pub const LEI: &str = "urn:iso:std:iso:17442";
/// Galen's extension of a Claim and of its items: whether the patient must not be billed what the plan does not allow. R4 has no
/// element for it, nor has a published profile.
pub const BALANCE_BILLING: &str = "urn:galen:balance-billing-prohibited";
