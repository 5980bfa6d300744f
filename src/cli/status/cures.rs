//! What to do when an event is seen: the last column of the table in `docs/events.md`.

/// The table of events; a test of the log holds it equal to the code.
const EVENTS: &str = include_str!("../../../docs/events.md");

/// Returns what to do about an event, if there is something to do.
pub(super) fn cure(event: &str) -> Option<&'static str> {
    let row = EVENTS.lines().find_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        (cells.next()?.trim_end_matches('`') == event).then_some(cells)
    });
    let cure = row?.last()?.trim_end_matches('|').trim();
    (!cure.is_empty() && !cure.starts_with("Nothing")).then_some(cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cure_of_an_event_is_the_last_column_of_its_row() {
        let cure = cure("bot.refused").unwrap();
        assert!(cure.contains("token") && !cure.contains('|'), "{cure}");
        assert_eq!(super::cure("boot.started"), None);
        assert_eq!(super::cure("no.such_event"), None);
        assert_eq!(super::cure(""), None);
    }
}
