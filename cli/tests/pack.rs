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
