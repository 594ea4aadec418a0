//! `galen pack parse` and `galen pack scan`: their JSON is a public interface.

mod common;

use std::io::Cursor;

use common::{code, error, text, World};
use image::{GrayImage, ImageFormat, Luma};
use rxing::datamatrix::DataMatrixWriter;
use rxing::{BarcodeFormat, EncodeHints, Writer};
use serde_json::json;

const BRACKETED: &str = "(01)09524000059109(21)12345678p901(10)1234567p(17)271120";

fn pack() -> serde_json::Value {
    json!({
        "gtin": "09524000059109", "serial": "12345678p901", "lot": "1234567p", "expiry": "2027-11-20",
        "elements": [
            {"ai": "01", "value": "09524000059109"},
            {"ai": "21", "value": "12345678p901"},
            {"ai": "10", "value": "1234567p"},
            {"ai": "17", "value": "271120"},
        ],
    })
}

fn picture(text: &str) -> Vec<u8> {
    let hints = EncodeHints {
        Gs1Format: Some(true),
        DataMatrixCompact: Some(true),
        ..Default::default()
    };
    let matrix = DataMatrixWriter
        .encode_with_hints(text, &BarcodeFormat::DATA_MATRIX, 0, 0, &hints)
        .expect("drawn");
    let side = |modules: u32| (modules + 6) * 5;
    let picture = GrayImage::from_fn(side(matrix.getWidth()), side(matrix.getHeight()), |x, y| {
        let module = |at: u32, count: u32| (at / 5).checked_sub(3).filter(|at| *at < count);
        let dark = module(x, matrix.getWidth())
            .zip(module(y, matrix.getHeight()))
            .is_some_and(|(x, y)| matrix.get(x, y));
        Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("encoded");
    bytes.into_inner()
}

#[test]
fn every_form_gives_the_same() {
    let world = World::new();
    for form in [
        BRACKETED,
        "]d201095240000591092112345678p901<GS>101234567p<GS>17271120",
        "]d201095240000591092112345678p901\u{1d}101234567p\u{1d}17271120",
        "^01095240000591092112345678p901^101234567p^17271120",
    ] {
        assert_eq!(world.run(&["pack", "parse", form]), (0, pack()), "{form}");
    }
    let (exit, link) = world.run(&[
        "pack",
        "parse",
        "https://id.gs1.org/01/09524000059109/10/1234567p/21/12345678p901?17=271120",
    ]);
    assert_eq!(exit, 0);
    for field in ["gtin", "serial", "lot", "expiry"] {
        assert_eq!(link[field], pack()[field]);
    }
}

#[test]
fn what_is_absent_is_null_and_day_00_is_flagged() {
    let world = World::new();
    let (exit, answer) = world.run(&["pack", "parse", "(01)09524000059109"]);
    assert_eq!(exit, 0);
    assert_eq!(
        answer,
        json!({"gtin": "09524000059109", "serial": null, "lot": null, "expiry": null,
               "elements": [{"ai": "01", "value": "09524000059109"}]})
    );
    let (exit, answer) = world.run(&["pack", "parse", "(01)09524000059109(17)280200"]);
    assert_eq!(
        (exit, &answer["expiry"], &answer["flags"]),
        (0, &json!("2028-02-29"), &json!(["expiry_day_00"]))
    );
}

#[test]
fn refusals_have_code_and_place() {
    let world = World::new();
    for (form, code, at) in [
        ("(01)95012345678902", "bad_check_digit", json!("(01)")),
        ("(21)ABC123", "missing_ai", json!("(21)")),
        (
            "0100304720400301211006155205193317210228101012131",
            "ambiguous",
            json!("(21)"),
        ),
        ("hello", "not_gs1", json!(null)),
        ("", "empty", json!(null)),
        (
            "https://example.com/01/09524000059108",
            "bad_check_digit",
            json!("(01)"),
        ),
    ] {
        let (exit, answer) = world.run(&["pack", "parse", form]);
        assert_eq!(exit, 1, "{form}");
        assert_eq!(answer["error"]["code"], code, "{form}");
        assert_eq!(answer["error"]["at"], at, "{form}");
    }
}

#[test]
fn a_picture_gives_what_its_text_gives() {
    let world = World::new();
    let path = world.path("pack.png");
    std::fs::write(
        &path,
        picture("01095240000591092112345678p901\u{1d}101234567p\u{1d}17271120"),
    )
    .expect("written");
    assert_eq!(world.run(&["pack", "scan", &text(&path)]), (0, pack()));
    let output = world
        .galen()
        .args(["pack", "scan", &text(&path)])
        .output()
        .expect("run");
    let words = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    assert_eq!(code(&output), 0);
    assert!(words.contains("Expiry        2027-11-20"), "{words}");
}

#[test]
fn pictures_without_a_code_are_refused() {
    let world = World::new();
    let mut blank = Cursor::new(Vec::new());
    GrayImage::from_pixel(200, 200, Luma([255]))
        .write_to(&mut blank, ImageFormat::Png)
        .expect("encoded");
    std::fs::write(world.path("blank.png"), blank.into_inner()).expect("written");
    world.write("words.png", "not a picture");
    for (file, code) in [
        ("blank.png", "no_code"),
        ("words.png", "not_a_picture"),
        ("absent.png", "file_missing"),
    ] {
        let (exit, answer) = world.run(&["pack", "scan", file]);
        assert_eq!((exit, error(&answer).0.as_str()), (1, code), "{file}");
    }
}

/// What a pharmacist can hold under the scanner, and what is said of it: in the user's words, with a name.
#[test]
fn bad_codes_are_named_in_the_users_words() {
    let world = World::new();
    let gtin = "(01)09524000059109";
    for (what, form, code, words) in [
        (
            "a wrong check digit",
            "(01)09524000059108(21)A".to_owned(),
            "bad_check_digit",
            "check digit",
        ),
        (
            "no FNC1",
            "010952400005910921ABC".to_owned(),
            "ambiguous",
            "",
        ),
        (
            "no FNC1, and nothing that could end early",
            "0109524000059109".to_owned(),
            "no_fnc1",
            "FNC1",
        ),
        (
            "a serial number of 21 characters",
            format!("{gtin}(21)123456789012345678901"),
            "value_too_long",
            "",
        ),
        (
            "an unknown Application Identifier",
            format!("{gtin}(05)1"),
            "unknown_ai",
            "Application Identifier",
        ),
        (
            "a month that there is not",
            format!("{gtin}(17)271300"),
            "invalid_date",
            "date",
        ),
    ] {
        let (exit, answer) = world.run(&["pack", "parse", &form]);
        assert_eq!((exit, error(&answer).0.as_str()), (1, code), "{what}");
        let message = answer["error"]["message"].as_str().expect("a message");
        assert!(
            message.ends_with('.') && message.contains(words),
            "{what}: {message}"
        );
    }
    // What looks odd and is right: any order, day 00, small letters.
    let (exit, answer) = world.run(&[
        "pack",
        "parse",
        "(17)271100(10)lot-b(21)aBc1(01)09524000059109",
    ]);
    assert_eq!(
        (exit, &answer["serial"], &answer["lot"]),
        (0, &json!("aBc1"), &json!("lot-b"))
    );
    assert_eq!(
        (&answer["expiry"], &answer["flags"]),
        (&json!("2027-11-30"), &json!(["expiry_day_00"]))
    );
}

#[test]
fn a_picture_with_two_codes_or_no_gs1_code_is_refused() {
    let world = World::new();
    let [one, two] = ["901", "902"].map(|end| {
        let text = format!("01095240000591092112345678p{end}\u{1d}101234567p\u{1d}17271120");
        image::load_from_memory(&picture(&text))
            .expect("a picture")
            .to_luma8()
    });
    for (name, right) in [("both.png", &two), ("twice.png", &one)] {
        let (width, height) = (one.width() + right.width() + 100, one.height() + 60);
        let mut sheet = GrayImage::from_pixel(width, height, Luma([255]));
        image::imageops::replace(&mut sheet, &one, 20, 30);
        image::imageops::replace(&mut sheet, right, i64::from(one.width()) + 80, 30);
        sheet.save(world.path(name)).expect("written");
    }
    std::fs::write(world.path("letters.png"), picture("hello")).expect("written");
    for (file, code) in [("both.png", "several_codes"), ("letters.png", "unknown_ai")] {
        let (exit, answer) = world.run(&["pack", "scan", file]);
        assert_eq!((exit, error(&answer).0.as_str()), (1, code), "{file}");
    }
    // The same code on two sides of a box is one code.
    let (exit, answer) = world.run(&["pack", "scan", "twice.png"]);
    assert_eq!((exit, &answer["serial"]), (0, &json!("12345678p901")));
}

#[test]
fn a_label_is_drawn_as_it_is_scanned() {
    let world = World::new();
    let label = |text: &str, file: &str| world.run(&["pack", "label", text, "--out", file]);
    for (form, file) in [
        (BRACKETED, "brackets.png"),
        (
            "https://id.gs1.org/01/09524000059109/10/1234567p/21/12345678p901?17=271120",
            "link.png",
        ),
    ] {
        let (exit, drawn) = label(form, file);
        assert_eq!((exit, &drawn["picture"]), (0, &json!(file)), "{drawn:#}");
        let (exit, scanned) = world.run(&["pack", "scan", file]);
        assert_eq!(exit, 0);
        for field in ["gtin", "serial", "lot", "expiry", "elements"] {
            assert_eq!(scanned[field], drawn[field], "{form}");
        }
    }
    let (exit, again) = label(BRACKETED, "brackets.png");
    assert_eq!((exit, error(&again).0.as_str()), (1, "file_exists"));
    let (exit, wrong) = label("(01)09524000059108", "wrong.png");
    assert_eq!((exit, error(&wrong).0.as_str()), (1, "bad_check_digit"));
    assert!(!world.path("wrong.png").exists());
    // A disk that is full: nothing stands in the way of the next attempt.
    std::os::unix::fs::symlink("/dev/full", world.path("full.png.partial")).expect("linked");
    let (exit, full) = label(BRACKETED, "full.png");
    assert_eq!((exit, error(&full).0.as_str()), (1, "file_unwritable"));
    assert!(!world.path("full.png").exists());
    let (exit, drawn) = label(BRACKETED, "full.png");
    assert_eq!((exit, &drawn["picture"]), (0, &json!("full.png")));
    assert!(!world.path("full.png.partial").exists());
    let (exit, nowhere) = label(BRACKETED, "no-folder/pack.png");
    assert_eq!((exit, error(&nowhere).0.as_str()), (1, "file_unwritable"));
}
