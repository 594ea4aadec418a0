//! Writes interchanges: delimiters, counts and control numbers are its business.

use galen_documents::Problem;
use galen_rules::Date;

use crate::interchange::{short_day, Delimiters, Identity, Usage, VERSION};
use crate::{element, Place};

/// What the envelope of an interchange says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends it.
    pub sender: Identity,
    /// Who receives it.
    pub receiver: Identity,
    /// The day on which it is written.
    pub date: Date,
    /// Minutes since midnight, 0 to 1,439.
    pub minute: u16,
    /// The control number of interchange and group, 1 to 999,999,999.
    pub control: u32,
    /// Whether it is meant.
    pub usage: Usage,
}

/// Of what the one group of an interchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// GS01, as `HP`.
    pub function: &'static str,
    /// ST01, as `835`.
    pub set: &'static str,
    /// GS08, as `005010X221A1`.
    pub version: &'static str,
    /// Whether the ST names the version too.
    pub version_in_set: bool,
}

/// An interchange of one group, as it is written.
pub(crate) struct Writer {
    text: String,
    delimiters: Delimiters,
    guide: Guide,
    /// Transaction sets that were begun.
    sets: usize,
    /// Segments of the transaction set, its ST included.
    count: usize,
    /// The first thing that could not be written.
    refused: Option<Problem>,
}

impl Writer {
    /// Begins an interchange; its transaction sets follow.
    pub(crate) fn new(envelope: &Envelope, guide: Guide) -> Self {
        let mut writer = Self {
            text: String::new(),
            delimiters: Delimiters::default(),
            guide,
            sets: 0,
            count: 0,
            refused: None,
        };
        let (hour, minute) = (envelope.minute / 60 % 24, envelope.minute % 60);
        let time = format!("{hour:02}{minute:02}");
        let control = format!("{:09}", envelope.control);
        let padded = |text: &str| format!("{text:<15}");
        let separators =
            [writer.delimiters.repetition, writer.delimiters.component].map(String::from);
        let [repetition, component] = &separators;
        writer.raw(&[
            "ISA",
            "00",
            "          ",
            "00",
            "          ",
            &envelope.sender.qualifier,
            &padded(&envelope.sender.id),
            &envelope.receiver.qualifier,
            &padded(&envelope.receiver.id),
            &short_day(envelope.date),
            &time,
            repetition,
            VERSION,
            &control,
            "0",
            envelope.usage.code(),
            component,
        ]);
        for (id, most) in [(&envelope.sender.id, 15), (&envelope.receiver.id, 15)] {
            writer.check(id);
            if id.is_empty() || id.chars().count() > most {
                writer.refuse("invalid_value", format!("Sender and receiver of an interchange have 1 to {most} characters; found \"{id}\"."));
            }
        }
        if !(1..=999_999_999).contains(&envelope.control) {
            writer.refuse(
                "invalid_value",
                "A control number has one to nine digits.".to_owned(),
            );
        }
        writer.segment(
            "GS",
            &[
                guide.function,
                &envelope.sender.id,
                &envelope.receiver.id,
                &element::day(envelope.date),
                &time,
                &envelope.control.to_string(),
                "X",
                guide.version,
            ],
        );
        writer
    }

    /// Begins a transaction set, ending the one before.
    pub(crate) fn begin_set(&mut self) {
        self.end_set();
        self.sets = self.sets.saturating_add(1);
        self.count = 0;
        let version = if self.guide.version_in_set {
            self.guide.version
        } else {
            ""
        };
        let control = self.set_control();
        self.segment("ST", &[self.guide.set, &control, version]);
    }

    fn set_control(&self) -> String {
        format!("{:04}", self.sets)
    }

    fn end_set(&mut self) {
        if self.sets > 0 {
            let count = self.count.saturating_add(1).to_string();
            let control = self.set_control();
            self.segment("SE", &[&count, &control]);
        }
    }

    /// Adds a segment; empty elements at its end are left out.
    pub(crate) fn segment(&mut self, id: &str, elements: &[&str]) {
        for element in elements {
            self.check(element);
        }
        let kept = elements
            .iter()
            .rposition(|element| !element.is_empty())
            .map_or(0, |last| last.saturating_add(1));
        let mut all = vec![id];
        all.extend(elements.iter().take(kept));
        self.raw(&all);
        self.count = self.count.saturating_add(1);
    }

    /// The components of an element, put together.
    pub(crate) fn composite(&mut self, components: &[&str]) -> String {
        for component in components {
            self.check(component);
            if component.contains(self.delimiters.component) {
                self.refuse(
                    "invalid_character",
                    format!("\"{component}\" contains a delimiter of the interchange."),
                );
            }
        }
        let kept = components
            .iter()
            .rposition(|text| !text.is_empty())
            .map_or(0, |last| last.saturating_add(1));
        let separator = self.delimiters.component.to_string();
        components.get(..kept).unwrap_or_default().join(&separator)
    }

    /// A text that came from elsewhere, as one element: it must not contain the separator of components either.
    pub(crate) fn plain(&mut self, text: &str) -> String {
        if text.contains([self.delimiters.component, self.delimiters.repetition]) {
            self.refuse(
                "invalid_character",
                format!("\"{text}\" contains a delimiter of the interchange."),
            );
        }
        text.to_owned()
    }

    fn check(&mut self, element: &str) {
        let Delimiters {
            element: separator,
            segment,
            ..
        } = self.delimiters;
        if element.contains([separator, segment]) || element.chars().any(char::is_control) {
            self.refuse(
                "invalid_character",
                format!(
                    "\"{element}\" contains a delimiter of the interchange or a control character."
                ),
            );
        }
    }

    fn refuse(&mut self, code: &str, message: String) {
        self.refused
            .get_or_insert_with(|| Problem::new(code, Place::default().to_string(), message));
    }

    fn raw(&mut self, parts: &[&str]) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text.push(self.delimiters.element);
            }
            self.text.push_str(part);
        }
        self.text.push(self.delimiters.segment);
        self.text.push('\n');
    }

    /// Ends the interchange.
    ///
    /// # Errors
    /// `invalid_character`, `invalid_value`.
    pub(crate) fn finish(mut self, envelope: &Envelope) -> Result<String, Problem> {
        self.end_set();
        let sets = self.sets.to_string();
        self.segment("GE", &[&sets, &envelope.control.to_string()]);
        self.segment("IEA", &["1", &format!("{:09}", envelope.control)]);
        match self.refused {
            Some(problem) => Err(problem),
            None => Ok(self.text),
        }
    }
}
