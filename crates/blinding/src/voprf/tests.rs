use super::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().unwrap()
}

/// RFC 9497, appendix A.1.2. The inputs there are not 32 bytes long, so the steps are held against it one by one.
struct Vector {
    input: &'static str,
    blind: &'static str,
    blinded: &'static str,
    evaluated: &'static str,
    output: &'static str,
}

const KEY: &str = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
const PUBLIC: &str = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
const RANDOM: &str = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";
const BATCH_RANDOM: &str = "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c";
const BLIND: &str = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";

const FIRST: Vector = Vector {
    input: "00",
    blind: BLIND,
    blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
    evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
    output: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
};
const SECOND: Vector = Vector {
    input: "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    blind: BLIND,
    blinded: "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
    evaluated: "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
    output: "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
};
/// The second of the batch of two.
const THIRD: Vector = Vector {
    blind: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
    blinded: "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
    evaluated: "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
    ..SECOND
};
const PROOFS: [(&[Vector], &str, &str); 3] = [
    (&[FIRST], RANDOM, "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"),
    (&[SECOND], RANDOM, "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02"),
    (&[FIRST, THIRD], BATCH_RANDOM, "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08"),
];

fn key() -> SecretKey {
    SecretKey::from_bytes(&bytes(KEY)).unwrap()
}

#[test]
fn it_is_the_function_of_the_rfc() {
    assert_eq!(key().public(), bytes(PUBLIC));
    for (vectors, random, proof) in PROOFS {
        let blinded: Vec<[u8; 32]> = vectors
            .iter()
            .map(|vector| {
                let blind = scalar(&bytes(vector.blind)).unwrap();
                let element = hash_to_group(&hex(vector.input)) * blind;
                assert_eq!(element.compress().to_bytes(), bytes(vector.blinded));
                bytes(vector.blinded)
            })
            .collect();
        let answer = key()
            .answer_with(&blinded, scalar(&bytes(random)).unwrap())
            .unwrap();
        assert_eq!(answer.proof, bytes(proof));
        for (vector, element) in vectors.iter().zip(&answer.elements) {
            assert_eq!(*element, bytes(vector.evaluated));
            let blind = scalar(&bytes(vector.blind)).unwrap();
            let transcript = Transcript::default()
                .with(&hex(vector.input))
                .with_point(&(point(element).unwrap() * blind.invert()))
                .with_bytes(b"Finalize");
            assert_eq!(
                <[u8; 64]>::from(Sha512::digest(transcript.bytes())),
                bytes(vector.output)
            );
        }
    }
}

#[test]
fn the_blinding_comes_off() {
    let service = SecretKey::generate().unwrap();
    let ask = |input| Question::new([input; 32]).unwrap();
    let questions = [ask(1), ask(2), ask(1)];
    let elements: Vec<_> = questions.iter().map(Question::element).collect();
    assert_ne!(
        elements[0], elements[2],
        "the service cannot tell equal questions"
    );
    let answer = service.answer(&elements).unwrap();
    let outputs = finish(&questions, &answer, &service.public()).unwrap();
    assert_eq!(outputs[0], outputs[2]);
    assert_ne!(outputs[0], outputs[1]);
    // Kept and taken up again, as between two runs of a command.
    let kept = Question::restore(*questions[1].input(), &questions[1].blind()).unwrap();
    let alone = service.answer(&[kept.element()]).unwrap();
    assert_eq!(
        finish(&[kept], &alone, &service.public()).unwrap(),
        [outputs[1]]
    );
}

#[test]
fn what_another_key_made_is_refused() {
    let (service, other) = (key(), SecretKey::generate().unwrap());
    let questions = [
        Question::new([1; 32]).unwrap(),
        Question::new([2; 32]).unwrap(),
    ];
    let elements: Vec<_> = questions.iter().map(Question::element).collect();
    let good = service.answer(&elements).unwrap();
    let finish = |answer: &Answer| finish(&questions, answer, &service.public());
    assert!(finish(&good).is_ok());
    assert_eq!(
        finish(&other.answer(&elements).unwrap()),
        Err(Refusal::ProofInvalid)
    );
    let mut swapped = good.clone();
    swapped.elements.reverse();
    assert_eq!(finish(&swapped), Err(Refusal::ProofInvalid));
    let mut bent = good.clone();
    bent.proof[0] ^= 1;
    assert_eq!(finish(&bent), Err(Refusal::ProofInvalid));
    bent.proof[31] = 0xff;
    assert_eq!(finish(&bent), Err(Refusal::ScalarInvalid));
    let mut short = good.clone();
    short.elements.pop();
    assert_eq!(finish(&short), Err(Refusal::CountMismatch));
    let mut neutral = good;
    neutral.elements[0] = [0; 32];
    assert_eq!(finish(&neutral), Err(Refusal::ElementInvalid));
}

#[test]
fn what_is_no_point_or_key_is_refused() {
    assert_eq!(key().answer(&[]), Err(Refusal::CountMismatch));
    assert_eq!(key().answer(&[[0; 32]]), Err(Refusal::ElementInvalid));
    assert_eq!(key().answer(&[[0xff; 32]]), Err(Refusal::ElementInvalid));
    for bad in [[0; 32], [0xff; 32]] {
        assert_eq!(
            SecretKey::from_bytes(&bad).err(),
            Some(Refusal::ScalarInvalid)
        );
        assert_eq!(
            Question::restore([1; 32], &bad).err(),
            Some(Refusal::ScalarInvalid)
        );
    }
}

#[test]
fn every_part_of_an_input_counts() {
    let input = |shared: u8, provider: u8, date, person| {
        crate::input(&[shared; 32], &[provider; 32], date, person).unwrap()
    };
    let base = input(1, 2, 3, "urn:x|A1");
    for other in [
        input(9, 2, 3, "urn:x|A1"),
        input(1, 9, 3, "urn:x|A1"),
        input(1, 2, 9, "urn:x|A1"),
        input(1, 2, 3, "urn:x|A2"),
        input(1, 2, 3, "urn:y|A1"),
    ] {
        assert_ne!(base, other);
    }
}

/// What stands before the first `|` is the system, to the letter; of what comes after it letters and digits count.
#[test]
fn a_system_and_its_identifier_do_not_run_together() {
    let input = |person| crate::input(&[1; 32], &[2; 32], 3, person);
    let ours = input("urn:oid:2.16.840.1.113883.4.3.4|812345678").unwrap();
    for same in [
        "urn:oid:2.16.840.1.113883.4.3.4|812-34-5678",
        "urn:oid:2.16.840.1.113883.4.3.4| 812.345|678",
    ] {
        assert_eq!(input(same), Ok(ours), "{same}");
    }
    for another in [
        "urn:oid:2.16.840.1.113883.4.3.48|12345678",
        "urn:oid:2.16.840.1.113883.4.34|812345678",
        "urn:oid:2.16.840.1.113883.4.3.|4812345678",
        "URN:OID:2.16.840.1.113883.4.3.4|812345678",
        "urn:oid:2.16.840.1.113883.4.3.4|812345679",
    ] {
        assert_ne!(input(another).unwrap(), ours, "{another}");
    }
    for (nobody, refusal) in [
        ("812345678", Refusal::SystemMissing),
        ("|812345678", Refusal::SystemMissing),
        ("", Refusal::SystemMissing),
        ("urn:x|", Refusal::PersonEmpty),
        ("urn:x| -|", Refusal::PersonEmpty),
    ] {
        assert_eq!(input(nobody), Err(refusal), "{nobody}");
    }
}
