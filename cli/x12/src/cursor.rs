//! Walks through the segments of a transaction set, loop by loop.

use crate::fault::{Fault, Kind, Place};
use crate::segment::Segment;

/// The segments that can follow the first one of a loop, in order, with how many of each there can be.
pub(crate) type Body = [(&'static str, usize)];

/// Where in a list of segments one is.
pub(crate) struct Cursor<'a> {
    segments: &'a [Segment],
    next: usize,
    /// Where something is missing once there are no more segments.
    end: Place,
}

impl<'a> Cursor<'a> {
    /// At the first of these segments; `end` is the place right after them.
    pub(crate) fn new(segments: &'a [Segment], end: Place) -> Self {
        Self {
            segments,
            next: 0,
            end,
        }
    }

    /// The segment that comes next.
    pub(crate) fn peek(&self) -> Option<&'a Segment> {
        self.segments.get(self.next)
    }

    /// All segments from the next one on.
    pub(crate) fn rest(&self) -> &'a [Segment] {
        self.segments.get(self.next..).unwrap_or_default()
    }

    /// Whether the next segment is such a one.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.peek().is_some_and(|segment| segment.id == id)
    }

    /// Whether the next segment is such a one whose first element is one of these codes.
    pub(crate) fn is_with(&self, id: &str, codes: &[&str]) -> bool {
        self.peek().is_some_and(|segment| {
            segment.id == id && segment.text(1).is_some_and(|code| codes.contains(&code))
        })
    }

    /// The next segment, whatever it is.
    pub(crate) fn advance(&mut self) -> Option<&'a Segment> {
        let segment = self.peek()?;
        self.next = self.next.saturating_add(1);
        Some(segment)
    }

    /// The next segment, which has to be such a one.
    ///
    /// # Errors
    /// `missing_segment`.
    pub(crate) fn take(&mut self, id: &str, within: &'static str) -> Result<Segment, Fault> {
        match self.peek() {
            Some(segment) if segment.id == id => {
                self.advance();
                Ok(segment.within(within))
            }
            _ => Err(self.missing(id, within)),
        }
    }

    /// As [`Cursor::take`], for a segment that is told from others by its first element.
    ///
    /// # Errors
    /// `missing_segment`.
    pub(crate) fn take_with(
        &mut self,
        id: &str,
        codes: &[&str],
        within: &'static str,
    ) -> Result<Segment, Fault> {
        if self.is_with(id, codes) {
            return self.take(id, within);
        }
        Err(self.missing(&format!("{id}*{}", codes.join("|")), within))
    }

    /// The next segment, if it is such a one.
    pub(crate) fn try_take(&mut self, id: &str, within: &'static str) -> Option<Segment> {
        let segment = self.peek().filter(|segment| segment.id == id)?;
        self.advance();
        Some(segment.within(within))
    }

    /// The rest of a loop whose first segment has been taken: segments of `body`, in its order.
    ///
    /// # Errors
    /// `segment_out_of_order`, `too_many_segments`.
    pub(crate) fn body(
        &mut self,
        body: &Body,
        within: &'static str,
    ) -> Result<Vec<Segment>, Fault> {
        let mut taken = Vec::new();
        let (mut at, mut count) = (0_usize, 0_usize);
        while let Some(segment) = self.peek() {
            let Some((place, (_, most))) = body
                .iter()
                .enumerate()
                .find(|(_, (id, _))| *id == segment.id)
            else {
                break;
            };
            let segment = segment.within(within);
            if place < at {
                let message = format!(
                    "{} comes before the segment {} of loop {within}.",
                    segment.id,
                    body.get(at).map_or("", |(id, _)| *id)
                );
                return Err(segment.whole_fault(Kind::SegmentOrder, message));
            }
            count = if place == at {
                count.saturating_add(1)
            } else {
                1
            };
            at = place;
            if count > *most {
                let message = format!("Loop {within} has at most {most} {}.", segment.id);
                return Err(segment.whole_fault(Kind::TooManySegments, message));
            }
            taken.push(segment);
            self.advance();
        }
        Ok(taken)
    }

    /// That nothing comes any more.
    ///
    /// # Errors
    /// `unexpected_segment`.
    pub(crate) fn finish(&self, within: &'static str) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(segment) => {
                let segment = segment.within(within);
                let message = format!(
                    "{} cannot stand here, after what loop {within} has had.",
                    segment.id
                );
                Err(segment.whole_fault(Kind::UnexpectedSegment, message))
            }
        }
    }

    /// That a segment is missing at this place.
    pub(crate) fn missing(&self, what: &str, within: &'static str) -> Fault {
        let place = self.peek().map_or_else(|| self.end.clone(), Segment::place);
        let place = Place { within, ..place };
        let found = self.peek().map_or("the end", |segment| segment.id.as_str());
        let message = format!("Loop {within} needs {what} here; found {found}.");
        Fault {
            found: Some(what.to_owned()),
            ..Fault::new(Kind::MissingSegment, place, message)
        }
    }
}
