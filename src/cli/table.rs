//! Tables for people: columns that line up, also with Cyrillic and emoji in them.

use unicode_width::UnicodeWidthStr;

use super::look::{Look, NOTHING, Tone, one_line};

/// What stands between two columns.
const GAP: &str = "  ";
/// How narrow a column may be made so that its table fits the terminal.
const NARROWEST: usize = 10;

/// What stands in one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

/// Rows under headings.
#[derive(Debug)]
pub(super) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Cell {
    /// Makes a cell of a colour.
    pub(super) fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        let text = one_line(text.as_ref().trim());
        let text = if text.is_empty() { NOTHING.to_owned() } else { text };
        Self { text, tone }
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

impl Table {
    /// Makes a table; a heading that begins with `>` is of a column of numbers.
    pub(super) const fn new(headings: Vec<&'static str>) -> Self {
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Returns the table, each line indented by `indent` spaces. Where it is wider than the
    /// terminal, the widest columns are cut.
    pub(super) fn render(&self, look: &Look, indent: usize) -> String {
        let headings: Vec<_> =
            self.headings.iter().map(|name| name.trim_start_matches('>')).collect();
        let widths = self.widths(&headings, look.width.map(|width| width.saturating_sub(indent)));
        let head: Vec<_> = headings.iter().map(|name| Cell::toned(name, Tone::Faint)).collect();
        let lines = std::iter::once(&head).chain(&self.rows);
        lines.map(|row| self.line(look, row, &widths, indent) + "\n").collect()
    }

    fn line(&self, look: &Look, row: &[Cell], widths: &[usize], indent: usize) -> String {
        let mut line = " ".repeat(indent);
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            let text = cut(&cell.text, *width);
            let space = " ".repeat(width.saturating_sub(text.width()));
            let painted = look.paint(cell.tone, &text);
            let is_number = self.headings.get(place).is_some_and(|name| name.starts_with('>'));
            let is_last = place + 1 == row.len();
            line += if place == 0 { "" } else { GAP };
            line += &match (is_number, is_last) {
                (true, _) => format!("{space}{painted}"),
                (false, true) => painted,
                (false, false) => format!("{painted}{space}"),
            };
        }
        line
    }

    fn widths(&self, headings: &[&str], room: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<_> = headings.iter().map(|name| name.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        while let Some(room) = room
            && widths.iter().sum::<usize>() + gaps > room
        {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

/// Returns as much of the text as fits, with a mark at its end if that is not all.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    // Measured as a whole: some letters together are wider or narrower than each of them.
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if kept.width() + 1 > width {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn look(width: Option<usize>) -> Look {
        Look { colours: false, width, zone: TimeZone::UTC }
    }

    fn salons() -> Table {
        let mut table = Table::new(vec!["NAME", ">DAYS", "STATE"]);
        for (name, days) in [("Салон «Ёлка»", "7"), ("💇 Hair", "365"), ("", "-")] {
            table.row([name.into(), days.into(), "active".into()]);
        }
        table
    }

    #[test]
    fn columns_line_up_whatever_the_letters() {
        expect![[r"
            NAME          DAYS  STATE
            Салон «Ёлка»     7  active
            💇 Hair        365  active
            -                -  active
        "]]
        .assert_eq(&salons().render(&look(None), 0));
        expect![[r"
            salons
              NAME        DAYS  STATE
              Салон «Ёл…     7  active
              💇 Hair      365  active
              -              -  active
        "]]
        .assert_eq(&format!("salons\n{}", salons().render(&look(Some(20)), 2)));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(texts in prop::collection::vec("\\PC{0,60}", 1..6), room in 40usize..100) {
            let mut table = Table::new(vec!["A", "B"]);
            for text in &texts {
                table.row([text.into(), text.into()]);
            }
            for line in table.render(&look(Some(room)), 0).lines() {
                prop_assert!(line.width() <= room, "{} {line:?}", line.width());
            }
        }
    }
}
