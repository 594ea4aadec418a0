//! Codes are drawn as printers draw them, spoiled as cameras spoil them, and read.

use std::io::Cursor;

use galen_scan::{draw, scan, DrawError, ScanError};
use image::codecs::jpeg::JpegEncoder;
use image::{imageops, GrayImage, ImageFormat, Luma};
use rxing::datamatrix::DataMatrixWriter;
use rxing::qrcode::QRCodeWriter;
use rxing::{BarcodeFormat, EncodeHints, Writer};

/// A pack: AI 01, 21, a separator, 10, a separator, 17.
const PACK: &str = "010952400005910921AB12345678p901\u{1d}101234567p\u{1d}17271120";
const LINK: &str = "https://id.gs1.org/01/09524000059109/10/1234567p/21/12345678p901?17=271120";

fn gs1() -> EncodeHints {
    EncodeHints {
        Gs1Format: Some(true),
        DataMatrixCompact: Some(true),
        ..Default::default()
    }
}

/// A code with modules of `scale` pixels and a margin of `quiet` modules.
fn drawn(
    format: BarcodeFormat,
    text: &str,
    hints: &EncodeHints,
    scale: u32,
    quiet: u32,
) -> GrayImage {
    let matrix = if format == BarcodeFormat::DATA_MATRIX {
        DataMatrixWriter.encode_with_hints(text, &format, 0, 0, hints)
    } else {
        QRCodeWriter.encode_with_hints(text, &format, 0, 0, hints)
    }
    .expect("drawn");
    let (width, height) = (matrix.getWidth(), matrix.getHeight());
    GrayImage::from_fn(
        (width + 2 * quiet) * scale,
        (height + 2 * quiet) * scale,
        |x, y| {
            let module =
                |at: u32, count: u32| (at / scale).checked_sub(quiet).filter(|at| *at < count);
            let dark = module(x, width)
                .zip(module(y, height))
                .is_some_and(|(x, y)| matrix.get(x, y));
            Luma([if dark { 0 } else { 255 }])
        },
    )
}

fn datamatrix() -> GrayImage {
    drawn(BarcodeFormat::DATA_MATRIX, PACK, &gs1(), 6, 4)
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("encoded");
    bytes.into_inner()
}

fn jpeg(picture: &GrayImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .expect("encoded");
    bytes
}

fn each(picture: &GrayImage, change: impl Fn(u32, u32, f64) -> f64) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let grey = change(x, y, f64::from(picture.get_pixel(x, y).0[0]));
        Luma([grey.clamp(0.0, 255.0) as u8])
    })
}

/// Noise without a random number generator: the same for every run.
fn noise(x: u32, y: u32) -> f64 {
    let mut z = (u64::from(x) << 32 | u64::from(y)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((z >> 40) as f64 / f64::from(1_u32 << 24)) * 2.0 - 1.0
}

/// Turned by an angle, on a larger sheet.
fn turned(picture: &GrayImage, degrees: f64) -> GrayImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let side = width.hypot(height).ceil();
    let (sin, cos) = degrees.to_radians().sin_cos();
    GrayImage::from_fn(side as u32, side as u32, |x, y| {
        let (dx, dy) = (f64::from(x) - side / 2.0, f64::from(y) - side / 2.0);
        let (sx, sy) = (
            cos * dx + sin * dy + width / 2.0,
            cos * dy - sin * dx + height / 2.0,
        );
        let inside = sx >= 0.0 && sy >= 0.0 && sx < width && sy < height;
        if inside {
            *picture.get_pixel(sx as u32, sy as u32)
        } else {
            Luma([255])
        }
    })
}

fn reads(name: &str, picture: &GrayImage) {
    let expected = format!("]d2{PACK}");
    assert_eq!(scan(&png(picture)).as_ref(), Ok(&expected), "{name}, PNG");
    assert_eq!(
        scan(&jpeg(picture, 75)).as_ref(),
        Ok(&expected),
        "{name}, JPEG"
    );
}

#[test]
fn a_datamatrix_keeps_its_separators() {
    reads("plain", &datamatrix());
}

#[test]
fn sizes_and_margins() {
    for (scale, quiet) in [(3, 2), (4, 1), (10, 4), (40, 4)] {
        let picture = drawn(BarcodeFormat::DATA_MATRIX, PACK, &gs1(), scale, quiet);
        reads(&format!("modules of {scale}, margin {quiet}"), &picture);
    }
    // One pixel a module is nothing for JPEG.
    let smallest = drawn(BarcodeFormat::DATA_MATRIX, PACK, &gs1(), 1, 1);
    assert_eq!(scan(&png(&smallest)), Ok(format!("]d2{PACK}")));
}

#[test]
fn turned_pictures() {
    let picture = datamatrix();
    reads("90", &imageops::rotate90(&picture));
    reads("180", &imageops::rotate180(&picture));
    reads("270", &imageops::rotate270(&picture));
    for degrees in [5.0, 12.0, 30.0, 45.0, 77.0, 200.0] {
        reads(&degrees.to_string(), &turned(&picture, degrees));
    }
}

#[test]
fn inverted_pictures() {
    let mut picture = datamatrix();
    imageops::invert(&mut picture);
    reads("inverted", &picture);
}

#[test]
fn low_contrast() {
    reads(
        "greys 110 to 140",
        &each(&datamatrix(), |_, _, grey| 110.0 + grey * 30.0 / 255.0),
    );
    reads(
        "greys 20 to 50",
        &each(&datamatrix(), |_, _, grey| 20.0 + grey * 30.0 / 255.0),
    );
}

#[test]
fn noise_blur_and_uneven_light() {
    let picture = datamatrix();
    reads(
        "noise",
        &each(&picture, |x, y, grey| grey + noise(x, y) * 90.0),
    );
    reads("blur", &imageops::blur(&picture, 2.0));
    let width = f64::from(picture.width());
    reads(
        "shadow",
        &each(&picture, |x, _, grey| {
            grey * (0.35 + 0.65 * f64::from(x) / width) + 10.0
        }),
    );
    let all = each(&turned(&picture, 9.0), |x, y, grey| {
        90.0 + grey * 80.0 / 255.0 + noise(x, y) * 15.0
    });
    reads("all together", &all);
}

#[test]
fn a_code_in_a_large_photograph() {
    let code = turned(&drawn(BarcodeFormat::DATA_MATRIX, PACK, &gs1(), 20, 3), 7.0);
    let mut sheet = GrayImage::from_pixel(3000, 2000, Luma([255]));
    imageops::replace(&mut sheet, &code, 1500, 400);
    reads(
        "photograph",
        &each(&sheet, |x, y, grey| 40.0 + grey * 0.7 + noise(x, y) * 20.0),
    );
}

#[test]
fn transparent_is_white() {
    let code = datamatrix();
    let picture = image::GrayAlphaImage::from_fn(code.width(), code.height(), |x, y| {
        let dark = code.get_pixel(x, y).0[0] == 0;
        image::LumaA([0, if dark { 255 } else { 0 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("encoded");
    assert_eq!(scan(&bytes.into_inner()), Ok(format!("]d2{PACK}")));
}

#[test]
fn qr_codes() {
    let link = drawn(BarcodeFormat::QR_CODE, LINK, &EncodeHints::default(), 5, 4);
    let read = scan(&png(&link)).expect("read");
    assert_eq!(read.get(3..), Some(LINK));
    assert!(read.starts_with("]Q"));
    let fnc1 = drawn(BarcodeFormat::QR_CODE, PACK, &gs1(), 5, 4);
    assert_eq!(scan(&png(&fnc1)), Ok(format!("]Q3{PACK}")));
}

#[test]
fn a_datamatrix_without_fnc1_says_so() {
    let plain = drawn(
        BarcodeFormat::DATA_MATRIX,
        "0109524000059109",
        &EncodeHints::default(),
        6,
        4,
    );
    assert_eq!(scan(&png(&plain)), Ok("]d10109524000059109".to_owned()));
}

#[test]
fn two_codes_in_one_picture_are_not_chosen_from() {
    let first = datamatrix();
    let other = PACK.replace("p901", "p902");
    let second = drawn(BarcodeFormat::DATA_MATRIX, &other, &gs1(), 6, 4);
    let beside = |left: &GrayImage, right: &GrayImage| {
        let mut sheet = GrayImage::from_pixel(
            left.width() + right.width() + 100,
            left.height() + 60,
            Luma([255]),
        );
        imageops::replace(&mut sheet, left, 20, 30);
        imageops::replace(&mut sheet, right, i64::from(left.width()) + 80, 30);
        sheet
    };
    assert_eq!(
        scan(&png(&beside(&first, &second))),
        Err(ScanError::SeveralCodes(2))
    );
    // One code printed twice is one code.
    assert_eq!(
        scan(&png(&beside(&first, &first))),
        Ok(format!("]d2{PACK}"))
    );
}

#[test]
fn what_is_no_picture_and_what_has_no_code_is_said() {
    for bytes in [&b""[..], b"GIF89a", b"not a picture", b"\x89PNG\r\n\x1a\n"] {
        assert_eq!(scan(bytes).expect_err("refused").code(), "not_a_picture");
    }
    let mut cut = png(&datamatrix());
    cut.truncate(cut.len() / 2);
    assert_eq!(scan(&cut).expect_err("refused").code(), "not_a_picture");
    let empty = GrayImage::from_pixel(300, 200, Luma([255]));
    assert_eq!(scan(&png(&empty)), Err(ScanError::NoCode));
    assert_eq!(
        scan(&png(&each(&empty, |x, y, _| 128.0 + noise(x, y) * 127.0))),
        Err(ScanError::NoCode)
    );
    assert_eq!(scan(&png(&GrayImage::new(1, 1))), Err(ScanError::NoCode));
}

#[test]
fn a_code_cut_in_half_is_not_read() {
    let picture = datamatrix();
    let half = imageops::crop_imm(&picture, 0, 0, picture.width() / 2, picture.height()).to_image();
    assert_eq!(scan(&png(&half)), Err(ScanError::NoCode));
}

#[test]
fn what_is_drawn_is_read_and_what_does_not_fit_is_not_drawn() {
    let picture = draw(PACK).expect("drawn");
    assert_eq!(scan(&picture), Ok(format!("]d2{PACK}")));
    // Also turned, as packs lie.
    let askew = turned(
        &image::load_from_memory(&picture)
            .expect("a picture")
            .to_luma8(),
        12.0,
    );
    assert_eq!(scan(&png(&askew)), Ok(format!("]d2{PACK}")));
    let endless = format!("{PACK}{}", "\u{1d}99ABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(120));
    assert_eq!(draw(&endless), Err(DrawError::DoesNotFit));
}
