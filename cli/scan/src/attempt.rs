//! Ways to look at a picture, from the plain to the desperate. The first that finds a code decides.

use std::collections::HashSet;
use std::panic::{catch_unwind, AssertUnwindSafe};

use image::imageops::{self, FilterType};
use image::GrayImage;
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::{
    BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, Luma8LuminanceSource,
    MultiUseMultiFormatReader, RXingResult, RXingResultMetadataType, RXingResultMetadataValue,
};

/// The longer side to which large pictures are brought: modules of a few pixels are found best, and fast.
const WORKING_SIDE: u32 = 1_000;
/// Below this longer side a picture is enlarged.
const SMALL_SIDE: u32 = 400;
/// White around the picture, for codes cropped to their edge.
const MARGIN: u32 = 24;

/// The texts that one way of looking finds.
type Attempt = fn(&GrayImage) -> Vec<String>;

/// All ways, in order.
pub const ALL: &[Attempt] = &[
    |picture| look(&framed(&fitted(picture))),
    |picture| look(&framed(&spread(&fitted(picture)))),
    |picture| look(&framed(&spread(&imageops::blur(&fitted(picture), 1.0)))),
    |picture| look(&framed(&spread(&imageops::blur(&fitted(picture), 2.0)))),
    |picture| look(&framed(picture)),
    |picture| look(&framed(&inverted(&fitted(picture)))),
    |picture| {
        look(&framed(&inverted(&spread(&imageops::blur(
            &fitted(picture),
            1.0,
        )))))
    },
    |picture| turned(picture, |turned| look(&framed(&spread(turned)))),
];

/// Both ways to tell black from white: by neighbourhood, for uneven light, and by the whole picture.
fn look(picture: &GrayImage) -> Vec<String> {
    let found = find(picture, HybridBinarizer::new);
    if found.is_empty() {
        find(picture, GlobalHistogramBinarizer::new)
    } else {
        found
    }
}

fn find<B: Binarizer>(
    picture: &GrayImage,
    binarizer: impl FnOnce(Luma8LuminanceSource) -> B,
) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let hints = DecodeHints {
        TryHarder: Some(true),
        AlsoInverted: Some(true),
        PossibleFormats: Some(HashSet::from([
            BarcodeFormat::DATA_MATRIX,
            BarcodeFormat::QR_CODE,
        ])),
        ..DecodeHints::default()
    };
    // A picture can bring the library to an arithmetic panic; that is a picture without a code.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let source = Luma8LuminanceSource::new(picture.as_raw().clone(), width, height).ok()?;
        GenericMultipleBarcodeReader::new(MultiUseMultiFormatReader::default())
            .decode_multiple_with_hints(&mut BinaryBitmap::new(binarizer(source)), &hints)
            .ok()
    }));
    let found = found.ok().flatten().unwrap_or_default();
    found.iter().map(as_scanned).collect()
}

/// What a scanner that is set to send symbology identifiers would send.
fn as_scanned(result: &RXingResult) -> String {
    let metadata = result.getRXingResultMetadata();
    match metadata.get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER) {
        Some(RXingResultMetadataValue::SymbologyIdentifier(identifier)) => {
            format!("{identifier}{}", result.getText())
        }
        _ => result.getText().to_owned(),
    }
}

fn fitted(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let side = width.max(height).max(1);
    if side > WORKING_SIDE {
        let scaled =
            |length: u32| (u64::from(length) * u64::from(WORKING_SIDE) / u64::from(side)).max(1);
        let side = |length| u32::try_from(scaled(length)).unwrap_or(WORKING_SIDE);
        imageops::resize(picture, side(width), side(height), FilterType::Triangle)
    } else if side < SMALL_SIDE {
        let factor = SMALL_SIDE.div_ceil(side);
        imageops::resize(
            picture,
            width * factor,
            height * factor,
            FilterType::Nearest,
        )
    } else {
        picture.clone()
    }
}

/// With a margin in the grey of its brighter corner.
fn framed(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let corners = [
        (0, 0),
        (width.saturating_sub(1), 0),
        (0, height.saturating_sub(1)),
        (width.saturating_sub(1), height.saturating_sub(1)),
    ];
    let brightest = corners
        .iter()
        .filter_map(|(x, y)| picture.get_pixel_checked(*x, *y))
        .max_by_key(|pixel| pixel.0)
        .copied();
    let paper = brightest.unwrap_or(image::Luma([255]));
    let mut framed = GrayImage::from_pixel(width + 2 * MARGIN, height + 2 * MARGIN, paper);
    imageops::replace(&mut framed, picture, i64::from(MARGIN), i64::from(MARGIN));
    framed
}

/// The greys stretched over the whole range, the darkest and brightest hundredth of the pixels left out.
fn spread(picture: &GrayImage) -> GrayImage {
    let mut counts = [0_usize; 256];
    for pixel in picture.pixels() {
        counts[usize::from(pixel.0[0])] += 1;
    }
    let spared = picture.as_raw().len() / 100;
    let darkest = nth(&counts, (0..256).collect(), spared);
    let brightest = nth(&counts, (0..256).rev().collect(), spared);
    let range = brightest.saturating_sub(darkest).max(1);
    let mut spread = picture.clone();
    for pixel in spread.pixels_mut() {
        let above = usize::from(pixel.0[0]).saturating_sub(darkest).min(range);
        pixel.0[0] = u8::try_from(above * 255 / range).unwrap_or(u8::MAX);
    }
    spread
}

/// The first of these greys, in their order, up to which there are more than `spared` pixels.
fn nth(counts: &[usize; 256], greys: Vec<usize>, spared: usize) -> usize {
    let mut passed = 0;
    greys
        .into_iter()
        .find(|grey| {
            passed += counts[*grey];
            passed > spared
        })
        .unwrap_or(0)
}

fn inverted(picture: &GrayImage) -> GrayImage {
    let mut inverted = picture.clone();
    imageops::invert(&mut inverted);
    inverted
}

/// Turned by steps of 15 degrees, for codes that lie askew.
fn turned(picture: &GrayImage, look: fn(&GrayImage) -> Vec<String>) -> Vec<String> {
    let picture = fitted(picture);
    (1..6_u8)
        .map(|step| look(&turn(&picture, f64::from(step) * 15.0)))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn turn(picture: &GrayImage, degrees: f64) -> GrayImage {
    let (width, height) = picture.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (half_width, half_height) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let side = half_width.hypot(half_height).ceil();
    let paper = framed(picture).get_pixel(0, 0).0[0];
    let length = (side * 2.0) as u32;
    GrayImage::from_fn(length, length, |x, y| {
        let (dx, dy) = (f64::from(x) - side, f64::from(y) - side);
        let (sx, sy) = (
            cos * dx + sin * dy + half_width,
            cos * dy - sin * dx + half_height,
        );
        let inside = sx >= 0.0 && sy >= 0.0 && sx < f64::from(width) && sy < f64::from(height);
        let grey = inside
            .then(|| picture.get_pixel_checked(sx as u32, sy as u32))
            .flatten()
            .map_or(paper, |pixel| pixel.0[0]);
        image::Luma([grey])
    })
}
