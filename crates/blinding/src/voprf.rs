//! The verifiable oblivious function (RFC 9497, sections 2.2 and 3.3.2).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as BASE;
use curve25519_dalek::{RistrettoPoint, Scalar};
use sha2::{Digest, Sha512};

use crate::group::{
    hash_to_group, hash_to_scalar, nonzero, point, random, scalar, seed_tag, Transcript,
};
use crate::Refusal;

/// The key of a blinding service.
#[derive(Clone)]
pub struct SecretKey(Scalar);

/// What an insurer asks: the point that the service is shown, and what takes the blinding off again, which stays with the
/// insurer.
#[derive(Clone)]
pub struct Question {
    input: [u8; 32],
    blind: Scalar,
}

/// What a service answers to questions, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The evaluated points.
    pub elements: Vec<[u8; 32]>,
    /// That all of them were made with the key of the service.
    pub proof: [u8; 64],
}

impl Question {
    /// A question about `input`, blinded by a random number.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn new(input: [u8; 32]) -> Result<Self, Refusal> {
        let blind = random()?;
        Ok(Self { input, blind })
    }

    /// A question that was kept: what it is about, and its random number.
    ///
    /// # Errors
    /// `ScalarInvalid`.
    pub fn restore(input: [u8; 32], blind: &[u8; 32]) -> Result<Self, Refusal> {
        let blind = nonzero(blind)?;
        Ok(Self { input, blind })
    }

    /// What it is about.
    pub fn input(&self) -> &[u8; 32] {
        &self.input
    }

    /// Its random number, to be kept as secret as what it is about.
    pub fn blind(&self) -> [u8; 32] {
        self.blind.to_bytes()
    }

    /// What the service is shown: a random point, whatever the question is about.
    pub fn element(&self) -> [u8; 32] {
        (hash_to_group(&self.input) * self.blind)
            .compress()
            .to_bytes()
    }
}

impl SecretKey {
    /// A new key.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn generate() -> Result<Self, Refusal> {
        random().map(Self)
    }

    /// The key of these bytes.
    ///
    /// # Errors
    /// `ScalarInvalid`.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Refusal> {
        nonzero(bytes).map(Self)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public key, by which answers are checked and plans name the service.
    pub fn public(&self) -> [u8; 32] {
        (BASE * self.0).compress().to_bytes()
    }

    /// Answers questions of which it sees the blinded points only.
    ///
    /// # Errors
    /// `ElementInvalid`, `CountMismatch` where there is nothing to answer or too much, `NoRandomness`.
    pub fn answer(&self, elements: &[[u8; 32]]) -> Result<Answer, Refusal> {
        self.answer_with(elements, random()?)
    }

    fn answer_with(&self, elements: &[[u8; 32]], random: Scalar) -> Result<Answer, Refusal> {
        let blinded = points(elements)?;
        let evaluated: Vec<_> = blinded.iter().map(|point| point * self.0).collect();
        let public = BASE * self.0;
        let (m, z) = composites(&public, &blinded, &evaluated)?;
        let c = challenge(&public, &m, &z, &(BASE * random), &(m * random));
        let s = random - c * self.0;
        let mut proof = [0; 64];
        proof
            .iter_mut()
            .zip(c.to_bytes().into_iter().chain(s.to_bytes()))
            .for_each(|(to, from)| *to = from);
        Ok(Answer {
            elements: evaluated
                .iter()
                .map(|point| point.compress().to_bytes())
                .collect(),
            proof,
        })
    }
}

/// Checks that `answer` was made with the key of `service`, and takes the blinding off: the outputs, in the order of the
/// questions.
///
/// # Errors
/// `CountMismatch`, `ElementInvalid`, `ScalarInvalid`, `ProofInvalid`.
pub fn finish(
    questions: &[Question],
    answer: &Answer,
    service: &[u8; 32],
) -> Result<Vec<[u8; 64]>, Refusal> {
    if questions.len() != answer.elements.len() {
        return Err(Refusal::CountMismatch);
    }
    let public = point(service)?;
    let blinded: Vec<[u8; 32]> = questions.iter().map(Question::element).collect();
    let evaluated = points(&answer.elements)?;
    let (m, z) = composites(&public, &points(&blinded)?, &evaluated)?;
    let (c, s) = parts(&answer.proof);
    let (c, s) = (scalar(&c)?, scalar(&s)?);
    let wanted = challenge(&public, &m, &z, &(BASE * s + public * c), &(m * s + z * c));
    if wanted != c {
        return Err(Refusal::ProofInvalid);
    }
    let output = |(question, element): (&Question, &RistrettoPoint)| {
        let unblinded = element * question.blind.invert();
        let transcript = Transcript::default()
            .with(&question.input)
            .with_point(&unblinded)
            .with_bytes(b"Finalize");
        Sha512::digest(transcript.bytes()).into()
    };
    Ok(questions.iter().zip(&evaluated).map(output).collect())
}

fn points(elements: &[[u8; 32]]) -> Result<Vec<RistrettoPoint>, Refusal> {
    elements.iter().map(point).collect()
}

/// The two halves of a proof.
fn parts(proof: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let mut halves = ([0; 32], [0; 32]);
    let (c, s) = &mut halves;
    c.iter_mut()
        .chain(s)
        .zip(proof)
        .for_each(|(to, from)| *to = *from);
    halves
}

/// One pair of points for all: `ComputeComposites`.
fn composites(
    public: &RistrettoPoint,
    blinded: &[RistrettoPoint],
    evaluated: &[RistrettoPoint],
) -> Result<(RistrettoPoint, RistrettoPoint), Refusal> {
    if blinded.is_empty() {
        return Err(Refusal::CountMismatch);
    }
    let transcript = Transcript::default().with_point(public).with(&seed_tag());
    let seed = Sha512::digest(transcript.bytes());
    let mut sums = (RistrettoPoint::default(), RistrettoPoint::default());
    for (index, (c, d)) in blinded.iter().zip(evaluated).enumerate() {
        let index = u16::try_from(index).map_err(|_| Refusal::CountMismatch)?;
        let transcript = Transcript::default()
            .with(&seed)
            .with_bytes(&index.to_be_bytes())
            .with_point(c)
            .with_point(d)
            .with_bytes(b"Composite");
        let weight = hash_to_scalar(transcript.bytes());
        sums.0 += c * weight;
        sums.1 += d * weight;
    }
    Ok(sums)
}

fn challenge(
    public: &RistrettoPoint,
    m: &RistrettoPoint,
    z: &RistrettoPoint,
    t2: &RistrettoPoint,
    t3: &RistrettoPoint,
) -> Scalar {
    let transcript = Transcript::default()
        .with_point(public)
        .with_point(m)
        .with_point(z)
        .with_point(t2)
        .with_point(t3)
        .with_bytes(b"Challenge");
    hash_to_scalar(transcript.bytes())
}

#[cfg(test)]
mod tests;
