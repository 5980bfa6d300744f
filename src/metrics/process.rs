//! What the system says of this process.

use rustix::param::{clock_ticks_per_second, page_size};

use super::text::Page;

/// Writes memory, open files, processor time and start of this process, as far as the system
/// tells them.
pub fn write_process(page: &mut Page) {
    if let Some(stat) = std::fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(parse) {
        let help = "Memory of this process that is in RAM; its clients' processes have their own.";
        let bytes = stat.pages.saturating_mul(page_size() as u64);
        page.gauge(("slotbox_process_resident_memory_bytes", help), [], [([], bytes)]);
        let help = "Processor time that this process has used.";
        page.counter(("slotbox_process_cpu_seconds_total", help), [], [([], seconds(stat.ticks))]);
        if let Some(boot) = booted() {
            let help = "When this process was started, in seconds since 1970.";
            let start = boot + seconds(stat.start);
            page.gauge(("slotbox_process_start_time_seconds", help), [], [([], start)]);
        }
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        // One of them is the directory that is being read.
        let open = files.count().saturating_sub(1);
        page.gauge(("slotbox_process_open_fds", "Open file descriptors."), [], [([], open)]);
    }
    if let Some(most) = most_files() {
        let help = "The most file descriptors that this process may have open.";
        page.gauge(("slotbox_process_max_fds", help), [], [([], most)]);
    }
}

/// What is of use in `/proc/self/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    ticks: u64,
    start: u64,
    pages: u64,
}

/// Reads the line; the program's name in it may hold anything, a parenthesis too.
fn parse(line: &str) -> Option<Stat> {
    let fields: Vec<_> = line.rsplit_once(')')?.1.split_whitespace().collect();
    // Numbered from the third field on, as proc(5) does from the first.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Stat { ticks: field(14)? + field(15)?, start: field(22)?, pages: field(24)? })
}

#[expect(clippy::cast_precision_loss, reason = "ticks of a hundredth of a second")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / clock_ticks_per_second() as f64
}

/// Returns when the system was started, in seconds since 1970.
fn booted() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

fn most_files() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_riddle_is_read_over() {
        let line =
            "17 (a) b (c)) S 1 17 17 0 -1 4194304 1 2 3 4 70 30 7 8 20 0 9 0 5000 1024 256 18";
        assert_eq!(parse(line), Some(Stat { ticks: 100, start: 5000, pages: 256 }));
        assert_eq!(parse("17 (a) S 1"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn this_process_is_described() {
        let mut page = Page::default();
        write_process(&mut page);
        let text = page.into_text();
        let value = |name: &str| -> f64 {
            let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
            line.unwrap_or_else(|| panic!("no {name} in\n{text}"))[name.len()..]
                .trim()
                .parse()
                .unwrap()
        };
        assert!(value("slotbox_process_resident_memory_bytes") > 1_000_000.0);
        assert!(value("slotbox_process_open_fds") >= 3.0);
        assert!(value("slotbox_process_max_fds") > value("slotbox_process_open_fds"));
        assert!(value("slotbox_process_start_time_seconds") > 1_700_000_000.0);
        assert!(value("slotbox_process_cpu_seconds_total") >= 0.0);
    }
}
