//! The machine that the host runs on.

/// Returns how much memory is free for more processes, in MiB; `None` where the system does not
/// tell.
pub async fn free_memory_mib() -> Option<u64> {
    let text = tokio::fs::read_to_string("/proc/meminfo").await.ok()?;
    available_mib(&text)
}

fn available_mib(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-066: capacity is what the machine has, not a number that somebody wrote down.
    #[test]
    fn free_memory_is_what_the_kernel_says() {
        let text = "MemTotal:       24689664 kB\nMemFree:  100 kB\nMemAvailable:   2097152 kB\n";
        assert_eq!(available_mib(text), Some(2048));
        assert_eq!(available_mib("MemTotal: 5 kB\n"), None);
    }
}
